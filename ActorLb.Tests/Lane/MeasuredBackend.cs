using System.Globalization;

namespace ActorLb.Tests.Lane;

/// <summary>A backend that does what a request's path says, well or ill.</summary>
internal sealed class MeasuredBackend : IAsyncDisposable
{
    private readonly RawBackend _backend;

    public MeasuredBackend() => _backend = new RawBackend(ServeAsync);

    public Uri Address => _backend.Address;

    public int Connections => _backend.Connections;

    public int Requests => _backend.Requests;

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private static async Task ServeAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            string path = head.Split(' ')[1];
            string? length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            if (length is not null)
            {
                await connection.Stream.ReadTextAsync(int.Parse(length[15..], CultureInfo.InvariantCulture));
            }

            switch (path)
            {
                case "/reset":
                    return;
                case "/silent":
                    await connection.UntilClosedAsync();
                    return;
                case "/garbage":
                    await connection.WriteAsync("garbage\r\n\r\n");
                    return;
                case "/half":
                    await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
                    return;
                case "/echo":
                    await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
                    await connection.WriteAsync(await connection.Stream.ReadTextAsync(10));
                    return;
                case "/chunks":
                    await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
                    break;
                case "/204":
                    await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
                    break;
                default:
                    string body = head.StartsWith("HEAD", StringComparison.Ordinal) ? "" : path;
                    await connection.WriteAsync($"HTTP/1.1 {path[1..]} Any\r\nContent-Length: {path.Length}\r\n\r\n{body}");
                    break;
            }
        }
    }
}
