using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Tests.Epoll;

/// <summary>One whole request as a backend saw it.</summary>
/// <param name="Head">With the empty line.</param>
internal sealed record RecordedRequest(string Head, string Body)
{
    public string[] Lines => Head[..^4].Split("\r\n");

    public string this[string name] => string.Join('|', Values(name));

    public string[] Values(string name) =>
        [.. Lines[1..].Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(l => l[(name.Length + 1)..].Trim())];
}

/// <summary>
/// Answers every whole request with "ok" and keeps it. Reads HTTP/1.1 in the plainest way and knows nothing of the
/// balancer's parser: what the two read differently is a hole.
/// </summary>
internal sealed class RecordingBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<RecordedRequest> _seen = [];
    private readonly Task _accepting;

    public RecordingBackend()
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>What was seen since the last call.</summary>
    public RecordedRequest[] Take()
    {
        lock (_seen)
        {
            RecordedRequest[] taken = [.. _seen];
            _seen.Clear();
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        var input = new List<byte>();
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                while (TryTake(input) is { } request)
                {
                    lock (_seen)
                    {
                        _seen.Add(request);
                    }

                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray().AsMemory(0, request.Head.StartsWith("HEAD ", StringComparison.Ordinal) ? 38 : 40));
                }

                int got = await stream.ReadAsync(buffer);
                if (got == 0)
                {
                    return;
                }

                input.AddRange(buffer.AsSpan(0, got));
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
        }
    }

    private static RecordedRequest? TryTake(List<byte> input)
    {
        string text = Encoding.Latin1.GetString([.. input]);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var request = new RecordedRequest(text[..(end + 4)], "");
        string rest = text[(end + 4)..];
        string length = request["Content-Length"];
        (string Body, int Length)? body = request["Transfer-Encoding"] == "chunked" ? Unchunk(rest)
            : length.Length == 0 ? ("", 0)
            : int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes <= rest.Length ? (rest[..bytes], bytes)
            : null;
        if (body is not { } whole)
        {
            return null;
        }

        input.RemoveRange(0, end + 4 + whole.Length);
        return request with { Body = whole.Body };
    }

    private static (string Body, int Length)? Unchunk(string text)
    {
        var body = new StringBuilder();
        int at = 0;
        while (text.IndexOf("\r\n", at, StringComparison.Ordinal) is var end and >= 0)
        {
            int size = int.Parse(text.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at = end + 2;
            if (size == 0)
            {
                int last = text.IndexOf("\r\n", at, StringComparison.Ordinal) == at ? at : text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal) + 2;
                return last < at ? null : (body.ToString(), last + 2);
            }

            if (text.Length < at + size + 2)
            {
                return null;
            }

            body.Append(text, at, size);
            at += size + 2;
        }

        return null;
    }
}
