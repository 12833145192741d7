using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using ActorLb.Node.Events;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>
/// One answer that goes on: server-sent events (HTML, 9.2), each with how far its reader has seen the log of every node as its id. Has
/// no queue of its own: a reader reads the log, and one that is slower than it is full, or takes nothing at all, is cut off and may go on
/// from its last id.
/// </summary>
internal sealed class EventStream(EventLog log, EventFilter filter, AdminGuard guard, TimeProvider time, HttpContext context)
{
    /// <summary>Something is sent at least as often, so that whoever is gone is noticed, and whoever reads knows that it is connected.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(4);

    /// <summary>How long a reader may take for what it is sent.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Then its reader connects again.</summary>
    public static readonly TimeSpan LastsAtMost = TimeSpan.FromMinutes(15);

    private const int ReadAtOnce = 100;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private EventPositions _seen = EventPositions.None;

    /// <param name="seen">What its reader has seen; null: nothing, and it wants what happens from now on, or since when the filter says.</param>
    public async Task RunAsync(EventPositions? seen)
    {
        (ImmutableArray<NodeEvent> there, long next, EventPositions known) = log.All();
        _seen = seen ?? (filter.Since is { } since ? EventPositions.Of(since) : known);
        EventPositions before = _seen;
        long endsAt = time.GetTimestamp() + (long)(LastsAtMost.TotalSeconds * time.TimestampFrequency);
        Write("retry: 2000\n"u8);
        WriteId();
        await FlushAsync();
        foreach (NodeEvent one in there.Where(e => !before.Has(e.Id)).OrderBy(e => e.Id))
        {
            if (!GoesOn(endsAt))
            {
                return;
            }

            Write(one);
            await FlushAsync();
        }

        while (true)
        {
            // What was noted before it was closed is sent.
            bool isClosed = log.IsClosed;
            if (log.Read(next, ReadAtOnce, out long after) is not { } events || !GoesOn(endsAt))
            {
                return;
            }

            next = after;
            foreach (NodeEvent one in events)
            {
                Write(one);
            }

            await FlushAsync();
            if (!events.IsEmpty)
            {
                continue;
            }

            if (isClosed)
            {
                return;
            }

            if (!await IsThereMoreAsync(next) && GoesOn(endsAt))
            {
                Write(": here\n"u8);
                WriteId();
                await FlushAsync();
            }
        }
    }

    // Whose token was taken back, or who has logged out, reads nothing of what happens from then on.
    private bool GoesOn(long endsAt) => time.GetTimestamp() < endsAt && guard.StillMay(context);

    private void Write(NodeEvent one)
    {
        _seen = _seen.With(one.Id);
        if (!filter.Wants(one))
        {
            return;
        }

        Write(Encoding.UTF8.GetBytes($"event: {EventKinds.Of(one.Kind).Name}\n"));
        Write("data: "u8);
        Write(one.Json.Span);
        Write("\n"u8);
        WriteId();
    }

    // Also without an event: whoever is cut off before the first one misses nothing.
    private void WriteId() => Write(Encoding.UTF8.GetBytes($"id: {_seen}\n\n"));

    private void Write(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    private async Task<bool> IsThereMoreAsync(long next)
    {
        try
        {
            await log.WhenBeyond(next).WaitAsync(SilenceMax, time, context.RequestAborted);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task FlushAsync()
    {
        if (_buffer.WrittenCount == 0)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(WriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            await context.Response.Body.WriteAsync(_buffer.WrittenMemory, either.Token);
            await context.Response.Body.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            context.Abort();
            throw;
        }

        _buffer.ResetWrittenCount();
    }
}
