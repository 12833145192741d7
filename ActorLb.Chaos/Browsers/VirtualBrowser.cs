using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// A person at a browser: one jar of cookies, several tabs that ask at their own pace and at any node, as behind a name
/// with several addresses. A tab stays at a node for a while; where nobody listens it takes the next one. Every second person has a
/// page with a WebSocket open as well.
/// </summary>
internal sealed class VirtualBrowser(HistoryRecorder recorder, IChaosTarget target, int number, int tabs, double thinkSeconds, int seed)
{
    /// <summary>Before somebody who got no answer from any address tries again.</summary>
    private static readonly TimeSpan Disappointment = TimeSpan.FromSeconds(1);

    private const double ChanceOfAnotherNode = 0.2;
    private const double ChanceOfPost = 0.1;

    private volatile string? _ticket;

    /// <summary>Until the person leaves.</summary>
    public async Task RunAsync(CancellationToken leaves)
    {
        using var client = new ChaosClient(recorder, target, ClientKind.Browser, number, ChaosClient.ConnectionLifetime);
        try
        {
            // One tab first: two first requests would be two sessions.
            var random = Seeds.Random(seed, number);
            while (_ticket is null)
            {
                await ThinkAsync(random, leaves);
                await AskAsync(client, Any(random), random, tab: 0, leaves);
            }

            await Task.WhenAll(
            [
                .. Enumerable.Range(0, tabs).Select(tab => BrowseAsync(client, tab, leaves)),
                .. number % 2 == 0 ? [TalkAsync(leaves)] : Array.Empty<Task>(),
            ]);
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private Task ThinkAsync(Random random, CancellationToken leaves) =>
        Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) * thinkSeconds), leaves);

    private async Task BrowseAsync(ChaosClient client, int tab, CancellationToken leaves)
    {
        var random = Seeds.Random(seed, number, tab + 1);
        NodePlace node = Any(random);
        while (true)
        {
            await ThinkAsync(random, leaves);
            if (random.NextDouble() < ChanceOfAnotherNode || !target.Nodes.Contains(node))
            {
                node = Any(random);
            }

            node = await AskAsync(client, node, random, tab, leaves);
        }
    }

    private async Task TalkAsync(CancellationToken leaves)
    {
        var random = Seeds.Random(seed, number, 0);
        using var client = new TunnelClient(recorder, number);
        while (true)
        {
            await client.RunAsync(Any(random), _ticket!, leaves);
            await Task.Delay(Disappointment, leaves);
        }
    }

    // Where nobody listens, the next address at once; each is recorded.
    private async Task<NodePlace> AskAsync(ChaosClient client, NodePlace node, Random random, int tab, CancellationToken leaves)
    {
        string method = random.NextDouble() < ChanceOfPost ? "POST" : "GET";
        NodePlace[] nodes = [node, .. target.Nodes.Where(n => n != node)];
        random.Shuffle(nodes.AsSpan(1));
        foreach (NodePlace next in nodes)
        {
            string? ticket = _ticket;
            (Attempt attempt, string? given) = await client.AskAsync(
                next,
                method,
                ticket is null ? null : Tickets.CookiePrefix + ticket,
                ticket is null ? null : Tickets.SessionOf(ticket),
                tab,
                leaves);
            _ticket = given ?? _ticket;
            if (attempt.End != AttemptEnd.Refused)
            {
                return attempt.Succeeded ? next : Any(random);
            }
        }

        await Task.Delay(Disappointment, leaves);
        return Any(random);
    }

    private NodePlace Any(Random random) => target.Nodes[random.Next(target.Nodes.Count)];
}
