using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>Asks one node after the other over TLS, with a handshake for every request: it sees which certificate is shown.</summary>
internal sealed class Handshaker(HistoryRecorder recorder, IChaosTarget target)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(CancellationToken leaves)
    {
        var jar = new NoJar();
        using var client = new ChaosClient(recorder, target, ClientKind.Handshaker, 0, TimeSpan.Zero);
        try
        {
            for (int turn = 0; ; turn++)
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
