using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Bench.Comparison;

/// <summary>What a kept-alive client that asks nothing costs in memory: after one request each, so many stay connected.</summary>
internal static class IdleClients
{
    /// <summary>HAProxy wants two descriptors for each, and containers often have no more than 20,000.</summary>
    private const int Clients = 9_000;

    // The balancer's own memory settles with the first ones.
    private const int WarmUps = 500;

    public static async Task RunAsync(Contenders contenders)
    {
        Func<Task<Contender>>[] starts =
            [() => contenders.ActorLbAsync("actorlb", 1), () => contenders.HaproxyCookieAsync(1, Clients + WarmUps + 100), () => contenders.NginxAsync(1)];
        Console.WriteLine($"\nidle | bytes for each of {Clients:N0} idle clients");
        foreach (Func<Task<Contender>> start in starts)
        {
            await using Contender contender = await start();
            var clients = new List<Socket>();
            try
            {
                await OpenAsync(contender, WarmUps, clients);
                long before = contender.ResidentBytes();
                await OpenAsync(contender, Clients, clients);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{contender.Name} | {(contender.ResidentBytes() - before) / Clients}"));
            }
            finally
            {
                clients.ForEach(c => c.Dispose());
            }
        }
    }

    private static async Task OpenAsync(Contender contender, int count, List<Socket> clients)
    {
        IPEndPoint address = IPEndPoint.Parse(contender.Address);
        var answer = new byte[4096];
        for (int i = 0; i < count; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            clients.Add(client);
            await client.ConnectAsync(address);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: bench\r\n\r\n"u8.ToArray());
            if (await client.ReceiveAsync(answer) == 0)
            {
                throw new InvalidOperationException($"{contender.Name} closed a client");
            }
        }
    }
}
