using System.Collections.Concurrent;
using ActorLb.Engine.ProxyProtocol;

namespace ActorLb.Tests.Lane;

/// <summary>Backends that are told by the PROXY protocol whose connection they get.</summary>
internal static class AnnouncedBackend
{
    /// <summary>Takes the header of each connection, and answers its requests with the connection's number.</summary>
    public static RawBackend Start(ConcurrentQueue<AnnouncedClient?> clients, Action? closed = null) => new(async connection =>
    {
        clients.Enqueue(await ReadHeaderAsync(connection.Stream));
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.AnswerAsync($"{connection.Number}");
        }

        closed?.Invoke();
    });

    /// <summary>Reads a header, and nothing behind it.</summary>
    public static async Task<AnnouncedClient?> ReadHeaderAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one);
            bytes.Add(one[0]);
            ProxyHeaderResult header = ProxyHeaderParser.Parse(bytes.ToArray());
            if (header.Status != ProxyHeaderStatus.NeedMore)
            {
                return header.IsComplete ? header.Client : throw new InvalidDataException($"no header: {header.Fault}");
            }
        }
    }
}
