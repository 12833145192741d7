namespace ActorLb.Tests.EndToEnd;

/// <summary>Sessions that keep asking random live nodes until stopped.</summary>
public sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;
    private readonly Func<IReadOnlyList<Uri>> _balancers;
    private long _answers;

    /// <param name="balancers">Asked before every request: nodes that a test kills are taken out first.</param>
    public Traffic(IReadOnlyList<Browser> sessions, int seed, Func<IReadOnlyList<Uri>> balancers, int workers = 8)
    {
        _balancers = balancers;
        _workers = [.. Enumerable.Range(0, workers).Select(w =>
            RunAsync([.. sessions.Where((_, i) => i % workers == w)], new Random(seed + w)))];
    }

    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Until so many further requests were answered.</summary>
    public async Task WhenAnsweredAsync(int more)
    {
        long target = Answers + more;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (Answers < target && await timer.WaitForNextTickAsync(bound.Token))
        {
            // Counted by the workers.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _stop.Dispose();
    }

    private async Task RunAsync(Browser[] sessions, Random random)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            IReadOnlyList<Uri> balancers = _balancers();
            await sessions[random.Next(sessions.Length)].GetAsync(balancers[random.Next(balancers.Count)]);
            Interlocked.Increment(ref _answers);
        }
    }
}
