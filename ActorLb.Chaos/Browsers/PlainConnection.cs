using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// One connection over which HTTP/1.1 is spoken by hand: for what no ordinary client does, such as reading slowly or sending before
/// it may. One reader and one writer at a time.
/// </summary>
internal sealed class PlainConnection : IDisposable
{
    private const int LineBytesMax = 64 * 1024;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private PlainConnection(Socket socket) => _socket = socket;

    /// <param name="receiveBytes">Of the system's buffer, where little is to be on its way; 0: as the system has it.</param>
    /// <exception cref="NoConnectionException">Nobody is there, or nobody in time.</exception>
    public static async Task<PlainConnection> ConnectAsync(NodePlace node, int receiveBytes, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBytes > 0)
        {
            socket.ReceiveBufferSize = receiveBytes;
        }

        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectPatience);
            await socket.ConnectAsync(node.Listener.Host, node.Listener.Port, patience.Token);
            return new PlainConnection(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new NoConnectionException(e is SocketException refused ? refused.Message : "no connection in time");
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
        }
    }

    public Task SendAsync(string text, CancellationToken cancellation) => SendAsync(Encoding.Latin1.GetBytes(text), cancellation);

    /// <summary>The next final answer's head; interim ones are passed over.</summary>
    /// <exception cref="IOException">The connection ended before it, or it is none.</exception>
    public async Task<PlainAnswer> ReadHeadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            string line = await ReadLineAsync(cancellation);
            string[] words = line.Split(' ', 3);
            if (words.Length < 2 || !words[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            {
                throw new IOException($"no status line: {line}");
            }

            var fields = new List<(string, string)>();
            while ((line = await ReadLineAsync(cancellation)).Length > 0)
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                fields.Add(colon < 0 ? throw new IOException($"no field: {line}") : (line[..colon], line[(colon + 1)..].Trim()));
            }

            if (status >= 200)
            {
                return new PlainAnswer(status, new AnswerFields(fields));
            }
        }
    }

    /// <summary>Some bytes of the answer's body.</summary>
    /// <returns>0 where it is over, as a whole.</returns>
    /// <exception cref="IOException">The connection ended before it did.</exception>
    public async Task<int> ReadBodyAsync(PlainAnswer answer, Memory<byte> target, CancellationToken cancellation)
    {
        if (answer.IsChunked && answer.Left == 0 && !answer.IsOver)
        {
            answer.Left = long.Parse((await ReadLineAsync(cancellation)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            answer.IsOver = answer.Left == 0;
            while (answer.IsOver && (await ReadLineAsync(cancellation)).Length > 0)
            {
                // Trailers.
            }
        }

        if (answer.IsOver)
        {
            return 0;
        }

        int read = await ReadAsync(target[..(int)Math.Min(target.Length, answer.Left)], cancellation);
        if (read == 0)
        {
            answer.IsOver = answer.EndsWithConnection;
            return answer.IsOver ? 0 : throw new IOException("the connection ended within the body");
        }

        answer.Left -= read;
        if (answer.Left == 0 && answer.IsChunked)
        {
            await ReadLineAsync(cancellation);
        }

        answer.IsOver = answer.Left == 0 && !answer.IsChunked;
        return read;
    }

    /// <summary>All that is left of the answer's body.</summary>
    /// <exception cref="IOException">As of <see cref="ReadBodyAsync"/>.</exception>
    public async Task<byte[]> ReadWholeBodyAsync(PlainAnswer answer, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        var part = new byte[8 * 1024];
        while (await ReadBodyAsync(answer, part, cancellation) is var read && read > 0)
        {
            whole.Write(part, 0, read);
        }

        return whole.ToArray();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (line.Length < LineBytesMax)
        {
            int at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line.Append(Encoding.Latin1.GetString(_buffer, _start, at));
                _start += at + 1;
                return line.ToString().TrimEnd('\r');
            }

            line.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
            _start = 0;
            _end = await ReceiveAsync(_buffer, cancellation);
            if (_end == 0)
            {
                throw new IOException(line.Length == 0 ? "the connection ended before the answer" : $"the connection ended within a line: {line}");
            }
        }

        throw new IOException("a line without end");
    }

    private async Task<int> ReadAsync(Memory<byte> target, CancellationToken cancellation)
    {
        if (_start == _end)
        {
            return await ReceiveAsync(target, cancellation);
        }

        int count = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    private async Task<int> ReceiveAsync(Memory<byte> target, CancellationToken cancellation)
    {
        try
        {
            return await _socket.ReceiveAsync(target, SocketFlags.None, cancellation);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
