using System.Diagnostics;
using System.Net;
using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>A limit that three real nodes have together, while one client floods all of them.</summary>
[Collection(ProcessesCollection.Name)]
public class RateLimitTests
{
    private const int Requests = 100;
    private const int Burst = 60;

    [Fact]
    public async Task Three_nodes_let_the_limit_through_together_also_when_one_is_killed()
    {
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            extra: $"defaults.route.rate-limit {{ requests = {Requests}, per = 1s, burst = {Burst}, scope = cluster }}");
        await cluster.WhenBackendIsAsync(0, "up");
        var clock = Stopwatch.StartNew();
        var flood = new Flood(cluster);

        await flood.UntilAsync(passed: 600);
        AssertBound(flood, clock, Requests);

        // What it had is not handed out again before it is out; what is on the way, and answers that it did not get, count once more.
        flood.Leave(2);
        cluster.Kill("lb3");
        await flood.UntilAsync(passed: 900);
        await cluster.WhenClusterHasAsync(2);
        await flood.UntilAsync(passed: 1500);
        AssertBound(flood, clock, 3 * Requests);
        await flood.DisposeAsync();
        Assert.True(flood.Refused > 0);
        Assert.Equal(0, flood.Others);
    }

    // Until after the answers were counted: what is slow makes the bound larger.
    private static void AssertBound(Flood flood, Stopwatch clock, int slack)
    {
        int passed = flood.Passed;
        double bound = Burst + 3 + (Requests * clock.Elapsed.TotalSeconds) + slack;
        Assert.True(passed <= bound, $"{passed} of {bound} passed in {clock.Elapsed}");
    }

    private sealed class Flood : IAsyncDisposable
    {
        private readonly LoopbackCluster _cluster;
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource[] _leave;
        private readonly Task[] _workers;
        private int _passed;
        private int _refused;
        private int _others;

        public Flood(LoopbackCluster cluster)
        {
            _cluster = cluster;
            _leave = [.. cluster.Nodes.Select(_ => CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))];
            _workers = [.. Enumerable.Range(0, 4 * cluster.Nodes.Count).Select(w => Task.Run(() => RunAsync(w % cluster.Nodes.Count)))];
        }

        public int Passed => Volatile.Read(ref _passed);

        public int Refused => Volatile.Read(ref _refused);

        /// <summary>Answers of another kind, of nodes that nobody left.</summary>
        public int Others => Volatile.Read(ref _others);

        public void Leave(int node) => _leave[node].Cancel();

        public Task UntilAsync(int passed) => _cluster.Until($"{passed} pass", () => Task.FromResult(Passed >= passed));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
        }

        private async Task RunAsync(int node)
        {
            CancellationToken leave = _leave[node].Token;
            while (!leave.IsCancellationRequested)
            {
                try
                {
                    // Not broken off: an answer that nobody counts may have passed.
                    using HttpResponseMessage answer = await _cluster.Client.GetAsync(_cluster.Nodes[node].Http, CancellationToken.None);
                    _ = answer.StatusCode switch
                    {
                        HttpStatusCode.OK => Interlocked.Increment(ref _passed),
                        HttpStatusCode.TooManyRequests => Interlocked.Increment(ref _refused),
                        _ => Interlocked.Increment(ref _others),
                    };
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    _ = leave.IsCancellationRequested ? 0 : Interlocked.Increment(ref _others);
                }
            }
        }
    }
}
