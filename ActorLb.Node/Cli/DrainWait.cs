using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary>
/// Waits until a backend that drains can be stopped, and shows what is left: one line that is redrawn on a terminal, else a line
/// every few seconds.
/// </summary>
internal sealed class DrainWait(CommandContext context, AdminClient client, BackendName backend, bool json)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Where nobody says how it stands.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Nodes start again within it.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(1);

    private readonly bool _redraws = context.Terminal.IsInteractive && !json;
    private DrainProgressState _progress = DrainProgressState.Initial;
    private long? _toldAt;
    private bool _adviceGiven;
    private long? _silentSince;
    private int _drawn;

    /// <summary>Whoever waits has just said when it ends: by a deadline, or because sessions move.</summary>
    public bool HasEnd { get; init; }

    /// <returns>Good: it can be stopped, or is no backend any more. Failed: whoever asked does not wait any longer, somebody ended the drain, or no node answers.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using StopSignals signals = context.CatchSignals(HangUp.EndsWithTerminal);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, signals.Requested);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
        Task learns = client.KeepLearningAsync(ending.Token);
        try
        {
            while (true)
            {
                if (await LookAsync(either.Token) is { } code)
                {
                    return code;
                }

                await Task.Delay(_silentSince is null ? LookInterval : RetryInterval, context.Time, either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            EndLine();
            context.Complain($"stopped waiting; {backend} goes on draining: \"actorlb drain {backend} --wait\" waits again, \"actorlb ready {backend}\" ends the drain");
            return ExitCode.Failed;
        }
        finally
        {
            await ending.CancelAsync();
            await learns;
        }
    }

    private async Task<int?> LookAsync(CancellationToken cancellation)
    {
        DrainsDocument document;
        try
        {
            document = await client.DrainsAsync(cancellation);
            if (!document.Drains.Any(IsMine))
            {
                return await EndedAsync(cancellation);
            }
        }
        catch (AdminException e) when (e.AnotherMayAnswer)
        {
            return Silent(e);
        }

        if (_silentSince is not null)
        {
            _silentSince = null;
            Say($"{document.Node} answers");
        }

        DrainsDocument.Drain drain = document.Drains.First(IsMine);
        _progress = _progress.With(drain, document.Time);
        if (!_adviceGiven && Advice(drain) is { } advice)
        {
            _adviceGiven = true;
            Say(advice);
        }

        Show(isLast: drain.CanBeStopped);
        return drain.CanBeStopped ? Stoppable(drain) : null;
    }

    // One that waits for hours should know it in its first second.
    private string? Advice(DrainsDocument.Drain drain) => drain switch
    {
        { CanBeStopped: false, Sessions: 0, Requests: 0, Tunnels: 0, Unreachable.Count: > 0, NotInForce.Count: 0, NotCounted.Count: 0, Why: { } why } => why,
        { NobodyElse: false } when HasEnd => null,
        { CanBeStopped: true } or { Sessions: 0, Tunnels: 0 } => null,
        { NobodyElse: true } => $"no other backend of {backend.Pool} takes new sessions: this cannot end before one does; \"actorlb ready {backend.Pool}/…\" or \"actorlb add {backend.Pool} ADDRESS\" gives it one",
        { Deadline: null, Moving: null, Cause: "operator" } => $"there is no deadline: this waits until the last session ends by itself; \"actorlb drain {backend} --deadline 5m --wait\" sets one, \"actorlb drain {backend} --move --wait\" moves them now",
        { Deadline: null, Moving: null } => $"there is no deadline: this waits until the last session ends by itself; \"actorlb remove {backend} --now\" moves them now",
        _ => null,
    };

    private int Stoppable(DrainsDocument.Drain drain)
    {
        EndLine();
        if (json)
        {
            context.PrintJson(drain);
        }
        else
        {
            context.Out.WriteLine($"{backend} can be stopped now");
        }

        if (drain.Unreachable.Count > 0)
        {
            context.Complain($"{string.Join(", ", drain.Unreachable)} cannot be reached: what {(drain.Unreachable.Count == 1 ? "it has" : "they have")} open there is not known");
        }

        return ExitCode.Good;
    }

    private async Task<int> EndedAsync(CancellationToken cancellation)
    {
        StatusDocument status = await client.StatusAsync(cancellation);
        StatusDocument.Backend? now = status.Pools.FirstOrDefault(p => p.Name == backend.Pool)?.Backends.FirstOrDefault(b => b.Id == backend.Id);
        EndLine();
        if (now is null)
        {
            // One that is no longer written goes by itself when nothing is left of it.
            Tell($"{backend} is no backend any more, and can be stopped now");
            return ExitCode.Good;
        }

        context.Complain($"{backend} does not drain any more: somebody set it to {now.Operator} while this waited");
        return ExitCode.Failed;
    }

    private void Tell(string what)
    {
        if (json)
        {
            context.Complain(what);
        }
        else
        {
            context.Out.WriteLine(what);
        }
    }

    private int? Silent(AdminException e)
    {
        long now = context.Time.GetTimestamp();
        if (_silentSince is null)
        {
            _silentSince = now;
            Say($"{e.Message}; trying again");
        }
        else if (context.Time.GetElapsedTime(_silentSince.Value, now) >= SilenceMax)
        {
            context.Complain($"{e.Message}: nobody has answered for {SilenceMax.TotalSeconds} s, and the drain goes on");
            return ExitCode.Failed;
        }

        return null;
    }

    private bool IsMine(DrainsDocument.Drain drain) => drain.Pool == backend.Pool && drain.Backend == backend.Id;

    private void Show(bool isLast)
    {
        if (json)
        {
            return;
        }

        if (_redraws)
        {
            // The last column is left free: some terminals begin a new line there.
            string line = DrainProgressLine.WithBar(backend.ToString(), _progress, Math.Min(context.Terminal.Width, 80) - 1, context.Terminal.InColour);
            int shown = TextPaint.LengthOf(line);
            context.Out.Write($"\r{line}{new string(' ', Math.Max(0, _drawn - shown))}");
            context.Out.Flush();
            _drawn = shown;
        }
        else if (isLast || _toldAt is not { } at || context.Time.GetElapsedTime(at) >= LineInterval)
        {
            _toldAt = context.Time.GetTimestamp();
            context.Out.WriteLine(DrainProgressLine.Sentence(backend.ToString(), _progress));
        }
    }

    private void Say(string what)
    {
        EndLine();
        context.Complain(what);
    }

    private void EndLine()
    {
        if (_drawn > 0)
        {
            context.Out.WriteLine();
            _drawn = 0;
        }
    }
}
