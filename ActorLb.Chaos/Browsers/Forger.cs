using System.Buffers.Text;
using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>Sends cookies that no balancer made: altered, cut, made up, and somebody else's.</summary>
internal sealed class Forger(HistoryRecorder recorder, IChaosTarget target, int seed)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);

    public async Task RunAsync(CancellationToken leaves)
    {
        var random = Seeds.Random(seed, int.MinValue);
        using var client = new ChaosClient(recorder, target, ClientKind.Forger, 0, ChaosClient.ConnectionLifetime);
        var jar = new LastTicket();
        try
        {
            while (true)
            {
                await Task.Delay(Pace, leaves);
                NodePlace node = target.Nodes[random.Next(target.Nodes.Count)];
                string forged = Forge(jar.Ticket, random);
                await client.AskAsync(node, "GET", jar, new Presented("Cookie", $"{Tickets.CookiePrefix}{forged}", Tickets.SessionOf(forged)), tab: 0, leaves);
            }
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    // A real ticket of its own whose session nobody used yet is only good as it is: every change must be noticed.
    private static string Forge(string? real, Random random)
    {
        if (real is null)
        {
            return MadeUp(random);
        }

        int at = random.Next(real.Length);
        return random.Next(4) switch
        {
            0 => real[..at],
            1 => string.Concat(real.AsSpan(0, at), real[at] == 'x' ? "y" : "x", real.AsSpan(at + 1)),
            2 => real + "A",
            _ => MadeUp(random),
        };
    }

    private static string MadeUp(Random random)
    {
        var bytes = new byte[random.Next(1, 90)];
        random.NextBytes(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    private sealed class LastTicket : SessionJar
    {
        public string? Ticket { get; private set; }

        public override Presented Present() => Presented.Nothing;

        public override string? Take(AnswerFields fields, Presented sent)
        {
            string? given = fields.Cookie(Tickets.Cookie);
            Ticket = given ?? Ticket;
            return given is null ? null : Tickets.SessionOf(given);
        }
    }
}
