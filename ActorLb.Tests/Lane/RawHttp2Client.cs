using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>
/// HTTP/2 by the octet, over TLS or in the clear (RFC 9113): header fields are written as they are given, as literals that are neither
/// indexed nor compressed (RFC 7541, 6.2.2), so that a client can say what no library would.
/// </summary>
internal sealed class RawHttp2Client : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte RstStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private const byte Ack = 1;

    private readonly TcpClient _client;
    private readonly Stream _stream;

    // A reader answers SETTINGS while somebody else writes.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _nextStream = 1;

    private RawHttp2Client(TcpClient client, Stream stream)
    {
        _client = client;
        _stream = stream;
    }

    public static async Task<RawHttp2Client> ConnectAsync(IPEndPoint endpoint, bool tls = true)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(endpoint);
        Stream stream = tls ? await ShakeHandsAsync(client) : client.GetStream();
        var connection = new RawHttp2Client(client, stream);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());

        // No table of fields that were sent before (SETTINGS_HEADER_TABLE_SIZE): every answer says all of its own.
        await connection.WriteFrameAsync(Settings, 0, 0, [0, 1, 0, 0, 0, 0]);
        return connection;
    }

    private static async Task<SslStream> ShakeHandsAsync(TcpClient client)
    {
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return stream;
    }

    /// <summary>
    /// Reads and acknowledges the server's SETTINGS, before anything else is read: nothing may stand between the frames of one block of
    /// fields (RFC 9113, 6.10), and an acknowledgement in the middle would.
    /// </summary>
    public async Task AcknowledgeSettingsAsync()
    {
        var head = new byte[9];
        do
        {
            await _stream.ReadExactlyAsync(head);
            await _stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]]);
        }
        while (head[3] != Settings || (head[4] & Ack) != 0);
        await WriteFrameAsync(Settings, Ack, 0, []);
    }

    /// <summary>Sends one request and reads its end.</summary>
    /// <param name="fields">Names and values as Latin-1, pseudo fields first.</param>
    /// <param name="body">Null where there is none.</param>
    public async Task<Http2Answer> ExchangeAsync(
        IReadOnlyList<(string Name, string Value)> fields, string? body = null, IReadOnlyList<(string Name, string Value)>? trailers = null)
    {
        int stream = await SendHeadAsync(fields, ends: body is null && trailers is null);
        if (body is not null)
        {
            await SendDataAsync(stream, Encoding.Latin1.GetBytes(body), ends: trailers is null);
        }

        if (trailers is not null)
        {
            await WriteFrameAsync(Headers, EndHeaders | EndStream, stream, Encode(trailers));
        }

        return await ReadAnswerAsync(stream);
    }

    public async Task<int> SendHeadAsync(IReadOnlyList<(string Name, string Value)> fields, bool ends)
    {
        int stream = _nextStream;
        _nextStream += 2;
        await WriteFrameAsync(Headers, (byte)(EndHeaders | (ends ? EndStream : 0)), stream, Encode(fields));
        return stream;
    }

    public Task SendDataAsync(int stream, byte[] data, bool ends) => WriteFrameAsync(Data, ends ? EndStream : (byte)0, stream, data);

    /// <summary>Reads until the stream, or the connection, has ended.</summary>
    public async Task<Http2Answer> ReadAnswerAsync(int stream)
    {
        var answer = new Http2Answer();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var head = new byte[9];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(head, limit.Token);
                var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await _stream.ReadExactlyAsync(payload, limit.Token);
                int of = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue;
                switch (head[3])
                {
                    case Settings when (head[4] & Ack) == 0:
                        await WriteFrameAsync(Settings, Ack, 0, []);
                        break;
                    case GoAway:
                        return answer with { HasEndedConnection = true };
                    case Headers when of == stream:
                        answer = answer.Status == 0
                            ? answer with { Status = StatusOf(payload), Head = Encoding.Latin1.GetString(payload) }
                            : answer with { Trailers = Encoding.Latin1.GetString(payload) };
                        break;
                    case Data when of == stream:
                        answer = answer with { Body = answer.Body + Encoding.Latin1.GetString(payload) };
                        break;
                    case RstStream when of == stream:
                        return answer with { ResetCode = BinaryPrimitives.ReadInt32BigEndian(payload) };
                }

                if (head[3] is Headers or Data && of == stream && (head[4] & EndStream) != 0)
                {
                    return answer with { IsWhole = true };
                }
            }
        }
        catch (Exception e) when (e is IOException or EndOfStreamException)
        {
            return answer with { HasEndedConnection = true };
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _turn.Dispose();
        _client.Dispose();
    }

    public async Task WriteFrameAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _turn.WaitAsync();
        try
        {
            await _stream.WriteAsync(frame);
        }
        catch (IOException)
        {
            // The reader finds the end of the connection.
        }
        finally
        {
            _turn.Release();
        }
    }

    private static byte[] Encode(IReadOnlyList<(string Name, string Value)> fields)
    {
        var block = new MemoryStream();
        foreach ((string name, string value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    // A length with a prefix of seven bits (RFC 7541, 5.1 and 5.2), without Huffman's coding.
    private static void WriteText(MemoryStream block, string text)
    {
        byte[] octets = Encoding.Latin1.GetBytes(text);
        int rest = octets.Length - 127;
        block.WriteByte((byte)Math.Min(octets.Length, 127));
        if (rest >= 0)
        {
            while (rest >= 128)
            {
                block.WriteByte((byte)((rest & 127) | 128));
                rest >>= 7;
            }

            block.WriteByte((byte)rest);
        }

        block.Write(octets);
    }

    // Indexed (RFC 7541, appendix A), or a literal with the name's index and three digits.
    private static int StatusOf(byte[] block)
    {
        int[] indexed = [200, 204, 206, 304, 400, 404, 500];
        int at = block.AsSpan().IndexOfAnyExceptInRange((byte)0x20, (byte)0x3f);
        if (block[at] is >= 0x88 and <= 0x8e)
        {
            return indexed[block[at] - 0x88];
        }

        int digits = block.AsSpan().IndexOfAnyInRange((byte)'1', (byte)'5');
        return int.Parse(Encoding.ASCII.GetString(block, digits, 3), CultureInfo.InvariantCulture);
    }
}

/// <summary>What came of one stream; header blocks as Latin-1, not decoded.</summary>
internal sealed record Http2Answer
{
    /// <summary>0 where no head came.</summary>
    public int Status { get; init; }

    public string Head { get; init; } = "";

    public string Body { get; init; } = "";

    public string Trailers { get; init; } = "";

    public bool IsWhole { get; init; }

    public int? ResetCode { get; init; }

    public bool HasEndedConnection { get; init; }
}
