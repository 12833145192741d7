using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// A person at a browser: one jar, several tabs that ask at their own pace and at any node, as behind a name with several
/// addresses. A tab stays at a node for a while; where nobody listens it takes the next one. What else the person does: <see cref="Habits"/>.
/// </summary>
internal sealed class VirtualBrowser(HistoryRecorder recorder, IChaosTarget target, SessionJar jar, int number, int tabs, double thinkSeconds, int seed)
{
    /// <summary>Before somebody who got no answer from any address tries again.</summary>
    private static readonly TimeSpan Disappointment = TimeSpan.FromSeconds(1);

    private const double ChanceOfAnotherNode = 0.2;
    private const double ChanceOfPost = 0.1;
    private const double ChanceOfLogin = 0.02;

    /// <summary>Of a careless person: that the cookie is lost, and that two are sent.</summary>
    private const double ChanceOfLoss = 0.01;

    private const double ChanceOfTwo = 0.2;

    /// <summary>Requests that leave before any answer has come.</summary>
    private const int FirstAtOnce = 4;

    private readonly Habits _habits = Habits.Of(number);
    private volatile bool _isStranger;

    /// <summary>Until the person leaves.</summary>
    public async Task RunAsync(CancellationToken leaves)
    {
        using var client = new ChaosClient(recorder, target, ClientKind.Browser, number, ChaosClient.ConnectionLifetime);
        try
        {
            // Two first requests are two sessions, of which the client keeps one.
            var random = Seeds.Random(seed, number);
            while (jar.Present().Session is null)
            {
                await ThinkAsync(random, leaves);
                NodePlace node = Any(random);
                await Task.WhenAll(Enumerable.Range(0, _habits.BeginsAtOnce ? FirstAtOnce : 1).Select(tab => AskAsync(client, node, Seeds.Random(seed, number, -1 - tab), tab, leaves)));
            }

            await Task.WhenAll([.. Enumerable.Range(0, tabs).Select(tab => BrowseAsync(client, tab, leaves)), .. Beside(leaves)]);
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private IEnumerable<Task> Beside(CancellationToken leaves)
    {
        if (_habits.Talks)
        {
            yield return TalkAsync(leaves);
        }

        if (_habits.Listens)
        {
            yield return new EventListener(recorder, target, number, jar, seed).RunAsync(leaves);
        }

        if (_habits.Uploads)
        {
            yield return new Uploader(recorder, target, number, jar, seed).RunAsync(leaves);
        }

        if (_habits.Downloads)
        {
            yield return new Downloader(recorder, target, number, jar, seed).RunAsync(leaves);
        }

        if (_habits.IsOldFashioned)
        {
            yield return new OldClient(recorder, target, number, jar, seed).RunAsync(leaves);
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
        using var client = new TunnelClient(recorder, jar, number);
        while (true)
        {
            Presented presented = jar.Present();
            if (presented.Session is not null)
            {
                await client.RunAsync(Any(random), presented, leaves);
            }

            await Task.Delay(Disappointment, leaves);
        }
    }

    // Where nobody listens, the next address at once; each is recorded.
    private async Task<NodePlace> AskAsync(ChaosClient client, NodePlace node, Random random, int tab, CancellationToken leaves)
    {
        bool logsIn = jar is ApplicationCookieJar && jar.Present().Session is not null && (_isStranger || random.NextDouble() < ChanceOfLogin);
        string method = random.NextDouble() < ChanceOfPost ? "POST" : "GET";
        NodePlace[] nodes = [node, .. target.Nodes.Where(n => n != node)];
        random.Shuffle(nodes.AsSpan(1));
        foreach (NodePlace next in nodes)
        {
            Attempt attempt = logsIn
                ? await client.LogInAsync(next, jar, tab, leaves)
                : await client.AskAsync(next, method, jar, Present(random), tab, leaves);
            if (attempt.End != AttemptEnd.Refused)
            {
                // Whom the server does not know logs in again.
                _isStranger = attempt.IsStranger;
                return attempt.Succeeded ? next : Any(random);
            }
        }

        await Task.Delay(Disappointment, leaves);
        return Any(random);
    }

    private Presented Present(Random random)
    {
        if (_habits.IsCareless && jar is TicketCookieJar cookies)
        {
            double chance = random.NextDouble();
            if (chance < ChanceOfLoss)
            {
                cookies.Drop();
            }
            else if (chance > 1 - ChanceOfTwo)
            {
                return cookies.PresentTwo(oldFirst: random.Next(2) == 0);
            }
        }

        return jar.Present();
    }

    private NodePlace Any(Random random) => target.Nodes[random.Next(target.Nodes.Count)];
}
