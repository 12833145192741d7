namespace ActorLb.ProcessTests;

/// <summary>Sessions that keep asking random live nodes until stopped.</summary>
public sealed class Traffic : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _answersOf;
    private readonly Task[] _workers;
    private readonly Func<IReadOnlyList<Uri>> _balancers;

    /// <param name="balancers">Asked before every request: nodes that a test kills are taken out first.</param>
    public Traffic(IReadOnlyList<Browser> sessions, int seed, Func<IReadOnlyList<Uri>> balancers, int workers = 8)
    {
        _balancers = balancers;
        _answersOf = new long[workers];
        _workers = [.. Enumerable.Range(0, workers).Select(w =>
            RunAsync(w, [.. sessions.Where((_, i) => i % workers == w)], new Random(seed + w)))];
    }

    public long Answers => _answersOf.Select((_, w) => AnswersOf(w)).Sum();

    /// <summary>Until so many further requests were answered.</summary>
    public Task WhenAnsweredAsync(int more)
    {
        long target = Answers + more;
        return UntilAsync(() => Answers >= target);
    }

    /// <summary>Until every request that was begun before this call has ended: a node that was taken out before it is asked no more.</summary>
    public Task WhenAskedAnewAsync()
    {
        long[] before = [.. _answersOf.Select((_, w) => AnswersOf(w))];
        return UntilAsync(() => before.Select((answers, w) => AnswersOf(w) > answers).All(a => a));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _stop.Dispose();
    }

    private long AnswersOf(int worker) => Interlocked.Read(ref _answersOf[worker]);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var bound = new CancellationTokenSource(Patience);
        while (!condition() && await timer.WaitForNextTickAsync(bound.Token))
        {
            // Counted by the workers.
        }
    }

    private async Task RunAsync(int worker, Browser[] sessions, Random random)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            IReadOnlyList<Uri> balancers = _balancers();
            await sessions[random.Next(sessions.Length)].GetAsync(balancers[random.Next(balancers.Count)]);
            Interlocked.Increment(ref _answersOf[worker]);
        }
    }
}
