using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>Asks one node after the other and keeps no cookies: what it gets is the rotation. Every second one takes a new connection for each request.</summary>
internal sealed class Crawler(HistoryRecorder recorder, IChaosTarget target, int number)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(CancellationToken leaves)
    {
        var jar = new NoJar();
        using var client = new ChaosClient(recorder, target, ClientKind.Crawler, number, number % 2 == 0 ? ChaosClient.ConnectionLifetime : TimeSpan.Zero);
        try
        {
            for (int turn = number; ; turn++)
            {
                await Task.Delay(Pace, leaves);
                IReadOnlyList<NodePlace> nodes = target.Nodes;
                await client.AskAsync(nodes[turn % nodes.Count], "GET", jar, Presented.Nothing, tab: 0, leaves);
            }
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // The run is over.
        }
    }
}
