using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>A client that sends exactly the bytes that a test wrote.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private Stream _stream = null!;

    /// <param name="tls">By TLS, which offers no protocol of the application.</param>
    public static async Task<RawClient> ConnectAsync(IPEndPoint lane, bool tls = false)
    {
        var client = new RawClient();
        await client._client.ConnectAsync(lane);
        client._stream = client._client.GetStream();
        if (tls)
        {
            var stream = new SslStream(client._stream, false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
            await stream.AuthenticateAsClientAsync("localhost");
            client._stream = stream;
        }

        return client;
    }

    /// <summary>One request on its own connection, and all that came back until the end.</summary>
    public static async Task<string> ExchangeAsync(IPEndPoint lane, string request, bool tls = false)
    {
        using RawClient client = await ConnectAsync(lane, tls);
        await client.SendAsync(request);
        return await client.ReadToEndAsync();
    }

    public Stream Stream => _stream;

    /// <summary>Its own address and port, as its peer sees them.</summary>
    public IPEndPoint Local => _client.Client.LocalEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
        : (IPEndPoint)_client.Client.LocalEndPoint!;

    /// <summary>Something came that was not read.</summary>
    public bool HasMore => _client.Available > 0;

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Head and body of one answer with Content-Length.</summary>
    public async Task<(string Head, string Body)> ReadAnswerAsync()
    {
        string head = await ReadHeadAsync();
        string? length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        var body = new byte[length is null ? 0 : int.Parse(length[15..], CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body);
        return (head, Encoding.Latin1.GetString(body));
    }

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await _stream.ReadAsync(one) == 0)
            {
                throw new EndOfStreamException($"the connection ended after: {head}");
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, limit.Token);
        }
        catch (IOException)
        {
            // A reset after the answer ends it as well.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Ends our side only.</summary>
    public void Finish() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection.</summary>
    public void Reset() => _client.Client.Close(0);

    public void Dispose() => _client.Dispose();
}
