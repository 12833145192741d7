using System.Collections.Concurrent;
using ActorLb.Node.Health;

namespace ActorLb.Tests.Health;

/// <summary>A probe whose answers the test gives: at once by <see cref="Answer"/>, or each by hand while that is null.</summary>
internal sealed class ScriptedProbe : IProbe
{
    private readonly ConcurrentQueue<TaskCompletionSource<ProbeResult>> _waiting = new();
    private int _begun;
    private int _inFlight;
    private int _inFlightMax;

    /// <summary>What every probe finds; null: it hangs until <see cref="End"/> or its time is up.</summary>
    public ProbeResult? Answer { get; set; }

    public int Begun => Volatile.Read(ref _begun);

    public int InFlightMax => Volatile.Read(ref _inFlightMax);

    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _begun);
        int now = Interlocked.Increment(ref _inFlight);
        InterlockedMax(now);
        try
        {
            if (Answer is { } answer)
            {
                return answer;
            }

            var result = new TaskCompletionSource<ProbeResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = cancellation.Register(() => result.TrySetCanceled(cancellation));
            _waiting.Enqueue(result);
            return await result.Task;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <summary>Ends the oldest probe that hangs; false where there is none.</summary>
    public bool End(bool passed, string detail = "scripted") =>
        _waiting.TryDequeue(out TaskCompletionSource<ProbeResult>? result) && result.TrySetResult(new ProbeResult(passed, detail));

    public void Dispose()
    {
    }

    private void InterlockedMax(int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref _inFlightMax)) < value && Interlocked.CompareExchange(ref _inFlightMax, value, seen) != seen)
        {
        }
    }
}
