using System.Globalization;
using System.Net;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// A million replicated bindings on three node processes: lag, memory, look-up, idle processor time, a joining node, and
/// kill -9 of one and of all. Prints a table; judges nothing.
/// </summary>
internal sealed class SessionsBench
{
    private const int NodeCount = 3;
    private const int JoinRate = 5_000;

    private readonly long _bindings;
    private readonly long _rate;
    private readonly int _idleSeconds;
    private readonly List<(string Figure, string Target, string Measured)> _rows = [];

    private SessionsBench(long bindings, long rate, int idleSeconds)
    {
        _bindings = bindings;
        _rate = rate;
        _idleSeconds = idleSeconds;
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        var bench = new SessionsBench(
            Option(arguments, "--bindings", 1_000_000), Option(arguments, "--rate", 20_000), (int)Option(arguments, "--idle-seconds", 30));
        await bench.MeasureAsync();
        return 0;
    }

    internal static long Option(string[] arguments, string name, long otherwise) =>
        Array.IndexOf(arguments, name) is var at and >= 0 ? long.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;

    internal static void Print(IEnumerable<(string Figure, string Target, string Measured)> rows)
    {
        Console.WriteLine("| figure | to reach | measured |");
        Console.WriteLine("|---|---|---|");
        foreach ((string figure, string target, string measured) in rows)
        {
            Console.WriteLine($"| {figure} | {target} | {measured} |");
        }
    }

    private static double Since(long ticks, long now) => TimeProvider.System.GetElapsedTime(ticks, now).TotalSeconds;

    private static long First(string answer) => long.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture);

    private static long Second(string answer) => long.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);

    private async Task MeasureAsync()
    {
        await using var group = new NodeGroup(NodeCount + 1, backends: 3, _bindings + 400_000);
        await group.StartAsync(0, 1, 2);

        // The first ten thousand warm the code up; what a node grows by begins after them.
        long warm = _bindings / 100;
        await group[0].DoAsync($"adopt 0 {warm} {_rate}");
        await HoldAllAsync(group, warm);
        await IdleAsync(group, "nearly empty");
        string[] before = await group.AllAsync("memory");
        await GrowAsync(group, warm);
        await SettledAsync(group);
        string[] after = await group.AllAsync("memory");
        Row("growth of resident memory per binding and node", "<= 100 bytes", string.Join(" / ", before.Zip(after, (b, a) =>
            $"{(double)(First(a) - First(b)) / (_bindings - warm):F0} ({(double)(Second(a) - Second(b)) / (_bindings - warm):F0} of them on the heap)")));
        string[] lookUp = (await group[1].DoAsync($"lookup {_bindings}")).Split(' ');
        Row("look-up, warm / random / allocated", "<= 60 ns / - / 0 bytes", $"{lookUp[0]} ns / {lookUp[1]} ns / {lookUp[2]} bytes");
        await IdleAsync(group, $"{_bindings} bindings");
        await JoinAsync(group);
        await KillOneAsync(group);
        await KillAllAsync(group);
        Print(_rows);
    }

    private void Row(string figure, string target, string measured)
    {
        Console.Error.WriteLine($"{figure}: {measured} ({target})");
        _rows.Add((figure, target, measured));
    }

    private async Task GrowAsync(NodeGroup group, long from)
    {
        await Task.WhenAll(group[1].DoAsync("watch"), group[2].DoAsync("watch"));
        string made = await group[0].DoAsync($"adopt {from} {_bindings - from} {_rate}");
        await HoldAllAsync(group, _bindings);
        string[] lags = await Task.WhenAll(group[1].DoAsync("lag"), group[2].DoAsync("lag"));
        Row($"lag p50 / p99 / seen at {_rate}/s ({made})", "<= 0.25 / 0.6 s", string.Join("; ", lags));
    }

    private static async Task HoldAllAsync(NodeGroup group, long count)
    {
        await group.AllAsync($"holds {count}");
        while ((await group.AllAsync("count")).Any(c => c.Split(' ')[1] != "0" || c.Split(' ')[2] != count.ToString(CultureInfo.InvariantCulture)))
        {
            await Task.Delay(50);
        }
    }

    // Gossip and the rounds of the files go on for a while after the last binding.
    private static async Task SettledAsync(NodeGroup group)
    {
        while (true)
        {
            double[] start = [.. group.Running.Select(n => n.ProcessorSeconds())];
            await Task.Delay(5000);
            if (group.Running.Zip(start, (n, s) => (n.ProcessorSeconds() - s) / 5).All(load => load < 0.15))
            {
                return;
            }
        }
    }

    private async Task IdleAsync(NodeGroup group, string when)
    {
        await SettledAsync(group);
        double[] start = [.. group.Running.Select(n => n.ProcessorSeconds())];
        await Task.Delay(TimeSpan.FromSeconds(_idleSeconds));
        Row($"idle processor time over {_idleSeconds} s, {when}", "<= 5 % of a core", string.Join(" / ", group.Running.Zip(start, (n, s) =>
            $"{(n.ProcessorSeconds() - s) / _idleSeconds * 100:F1} %")));
    }

    private async Task JoinAsync(NodeGroup group)
    {
        Task<string> adopting = group[0].DoAsync($"adopt {_bindings} {JoinRate * 20} {JoinRate}");
        group.Start(NodeCount);
        NodeHandle joiner = group[NodeCount];
        await joiner.ReadyAsync();
        long holdsAt = First(await joiner.DoAsync($"holds {_bindings}"));
        Row($"a joining node holds all while {JoinRate}/s arrive", "<= 2 s after Up", $"{Since(joiner.UpAt, holdsAt):F2} s (serving {Since(joiner.StartedAt, joiner.ReadyAt):F2} s after its start)");
        await adopting;
        await HoldAllAsync(group, _bindings + (JoinRate * 20));
        await group.KillAsync(NodeCount);
    }

    private async Task KillOneAsync(NodeGroup group)
    {
        long from = _bindings + (JoinRate * 20);
        Task<string> adopting = group[1].DoAsync($"adopt {from} {JoinRate * 10} {JoinRate}");
        await Task.Delay(5000);
        long killedAt = TimeProvider.System.GetTimestamp();
        await group.KillAsync(1);
        await Task.WhenAny(adopting);
        await Task.Delay(12_000);
        long before = killedAt - TimeProvider.System.TimestampFrequency;
        Row("bindings older than 1 s lost by kill -9 of one node", "0", string.Join("; ", await group.AllAsync($"missing {before}")));
        await group.StartAsync(1);
        await SettledAsync(group);
        Row("bindings equal on all nodes after its return", "yes", (await group.AllAsync("digest")).Distinct().Count() == 1 ? "yes" : "no");
    }

    private async Task KillAllAsync(NodeGroup group)
    {
        long from = _bindings + (JoinRate * 30);
        string[] cookie = (await group[0].DoAsync("cookie 17")).Split(' ');
        Task<string> adopting = group[0].DoAsync($"adopt {from} {JoinRate * 10} {JoinRate}");
        await Task.Delay(5000);
        long killedAt = TimeProvider.System.GetTimestamp();
        await group.KillAsync(0, 1, 2);
        await Task.WhenAny(adopting);
        long startedAt = TimeProvider.System.GetTimestamp();
        Task starting = group.StartAsync(0, 1, 2);
        long answeredAt = await FirstAnswerAsync(group.Listener(0), cookie[0], cookie[1]);
        await starting;
        await group.AllAsync($"holds {_bindings}");
        long backAt = TimeProvider.System.GetTimestamp();
        Row("all killed with -9: first correct answer / all back", "<= 5 s / <= 8 s", $"{Since(startedAt, answeredAt):F2} s / {Since(startedAt, backAt):F2} s");
        long before = killedAt - TimeProvider.System.TimestampFrequency;
        Row("bindings older than 1 s lost by kill -9 of all", "0", string.Join("; ", await group.AllAsync($"missing {before}")));
        await SettledAsync(group);
        Row("bindings equal on all nodes after it", "yes", (await group.AllAsync("digest")).Distinct().Count() == 1 ? "yes" : "no");
    }

    private static async Task<long> FirstAnswerAsync(Uri listener, string cookie, string home)
    {
        using var client = new HttpClient();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, listener);
            request.Headers.Add("Cookie", cookie);
            try
            {
                using HttpResponseMessage response = await client.SendAsync(request);
                string body = await response.Content.ReadAsStringAsync();
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return body == home ? TimeProvider.System.GetTimestamp() : throw new InvalidOperationException($"{home} became {body}");
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(10);
        }
    }
}
