using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Bench;

/// <summary>One TCP connection, a client's or a server's, that speaks HTTP/1.1 as text; also the rude ways to end.</summary>
internal sealed class TextConnection(Socket socket, CancellationToken cancellation) : IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public static async Task<TextConnection> OpenAsync(IPEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return new TextConnection(socket, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Head lines up to the empty one; null at the end of the connection.</summary>
    /// <exception cref="IOException">It ended within the head.</exception>
    public async Task<string[]?> ReadHeadAsync()
    {
        var lines = new List<string>();
        while (true)
        {
            string? line = await ReadLineAsync();
            if (line is null && lines.Count > 0)
            {
                throw new IOException("the connection ended within a head");
            }

            if (string.IsNullOrEmpty(line))
            {
                return line is null ? null : [.. lines];
            }

            lines.Add(line);
        }
    }

    /// <exception cref="IOException">The connection ended before the body did.</exception>
    public async Task<string> ReadBodyAsync(string[] head, bool untilClose)
    {
        var body = new StringBuilder();
        if (Value(head, "Content-Length") is { } length)
        {
            await ReadAsync(body, int.Parse(length, CultureInfo.InvariantCulture));
        }
        else if (Value(head, "Transfer-Encoding") is not null)
        {
            while (true)
            {
                string line = await ReadLineAsync() ?? throw new IOException("the connection ended within a chunked body");
                int size = int.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                await ReadAsync(body, size);
                if (await ReadLineAsync() is not "")
                {
                    throw new IOException("a chunk has no end");
                }

                if (size == 0)
                {
                    break;
                }
            }
        }
        else if (untilClose)
        {
            while (await FillAsync())
            {
                Take(body, _end - _start);
            }
        }

        return body.ToString();
    }

    /// <summary>Whatever comes next, at most so many bytes; empty at the end.</summary>
    public async Task<string> ReadSomeAsync(int most)
    {
        var some = new StringBuilder();
        if (_start < _end || await FillAsync())
        {
            Take(some, Math.Min(most, _end - _start));
        }

        return some.ToString();
    }

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>The peer hears that it broke.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    public static string? Value(string[] head, string field)
    {
        foreach (string line in head)
        {
            if (line.Length > field.Length && line[field.Length] == ':' && line.StartsWith(field, StringComparison.OrdinalIgnoreCase))
            {
                return line[(field.Length + 1)..].Trim();
            }
        }

        return null;
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync())
            {
                return line.Length == 0 ? null : throw new IOException("the connection ended within a line");
            }

            int end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            Take(line, end < 0 ? _end - _start : end + 1);
            if (end >= 0)
            {
                return line.ToString().TrimEnd('\r', '\n');
            }
        }
    }

    private async Task ReadAsync(StringBuilder into, int length)
    {
        while (length > 0)
        {
            if (_start == _end && !await FillAsync())
            {
                throw new IOException("the connection ended within a body");
            }

            int taken = Math.Min(length, _end - _start);
            Take(into, taken);
            length -= taken;
        }
    }

    private void Take(StringBuilder into, int length)
    {
        into.Append(Encoding.Latin1.GetString(_buffer, _start, length));
        _start += length;
    }

    private async Task<bool> FillAsync()
    {
        _start = 0;
        _end = 0;
        _end = await socket.ReceiveAsync(_buffer.AsMemory(), cancellation);
        return _end > 0;
    }
}
