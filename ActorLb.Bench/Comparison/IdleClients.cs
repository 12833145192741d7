using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Bench.Comparison;

/// <summary>
/// What a kept-alive client that asks nothing costs in memory: so many ask once and stay connected, all in one session, or
/// each in one of its own that was opened before. Each round starts every balancer anew, and gives it load, so that its
/// code is compiled, and some time, so that the new sessions are replicated and stored.
/// </summary>
internal static class IdleClients
{
    public const string Name = "idle";

    /// <summary>HAProxy wants two descriptors for each, and containers often have no more than 20,000.</summary>
    private const int Clients = 9_000;

    // The balancer's own memory settles with the first ones.
    private const int WarmUps = 500;

    private const int LoadSeconds = 15;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Contenders contenders, WorkFolder work, int rounds)
    {
        (string Name, int Sessions, Func<Task<Contender>> Start)[] starts =
        [
            ("actorlb", 1, () => contenders.ActorLbAsync("actorlb", 1)),
            ("actorlb, a session each", WarmUps + Clients, () => contenders.ActorLbAsync("actorlb", 1)),
            ("haproxy-cookie", 1, () => contenders.HaproxyCookieAsync(1, Clients + WarmUps + 100)),
            ("nginx", 1, () => contenders.NginxAsync(1)),
        ];
        var grown = starts.ToDictionary(s => s.Name, _ => new List<double>());
        for (int round = 0; round < rounds; round++)
        {
            foreach ((string name, int sessions, Func<Task<Contender>> start) in starts)
            {
                await using Contender contender = await start();
                grown[name].Add(await GrowthAsync(contender, sessions, work) / (double)Clients);
            }
        }

        Console.WriteLine($"\n{Name} | bytes for each of {Clients:N0} idle clients: median (least to most) of {rounds} rounds");
        foreach ((string name, List<double> bytes) in grown)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} | {Median.Of(bytes):f0} ({bytes.Min():f0} to {bytes.Max():f0})"));
        }
    }

    /// <returns>Resident bytes.</returns>
    private static async Task<long> GrowthAsync(Contender contender, int sessions, WorkFolder work)
    {
        IReadOnlyList<string> cookies = await ClientSessions.OpenAsync(contender.Address, sessions);
        if (contender.Compiles)
        {
            string script = work.Write("idle.lua", WrkScripts.Sessions([.. cookies.Take(WarmUps)]));
            await Wrk.RunAsync(contender.Address, "/", WarmUps, LoadSeconds, script);
            await Task.Delay(Settling);
        }

        var clients = new List<Socket>();
        try
        {
            await ConnectAsync(contender, WarmUps, cookies, clients);
            long before = contender.ResidentBytes();
            await ConnectAsync(contender, Clients, cookies, clients);
            return contender.ResidentBytes() - before;
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    private static async Task ConnectAsync(Contender contender, int count, IReadOnlyList<string> cookies, List<Socket> clients)
    {
        IPEndPoint address = IPEndPoint.Parse(contender.Address);
        var answer = new byte[4096];
        for (int i = 0; i < count; i++)
        {
            string cookie = cookies[clients.Count % cookies.Count];
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            clients.Add(client);
            await client.ConnectAsync(address);
            await client.SendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n"));
            if (await client.ReceiveAsync(answer) == 0)
            {
                throw new InvalidOperationException($"{contender.Name} closed a client");
            }
        }
    }
}
