using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Http2.Hpack;

namespace ActorLb.Tests.Lane;

/// <summary>The server's side of one connection of HTTP/2, by the frame: it can say what no library would.</summary>
internal sealed class RawHttp2Server(RawConnection connection)
{
    private readonly NetworkStream _stream = connection.Client.GetStream();
    private readonly HpackDecoder _decoder = new(HpackDecoder.UsualTableBytes);

    /// <summary>A backend whose connections are served so, each after the greetings.</summary>
    public static RawBackend Backend(Func<RawHttp2Server, RawConnection, Task> script, params Setting[] settings) => new(async connection =>
    {
        var server = new RawHttp2Server(connection);
        await server.GreetAsync(settings);
        await script(server, connection);
    });

    public async Task GreetAsync(params Setting[] settings)
    {
        byte[] preface = new byte[FrameWriter.Preface.Length];
        await _stream.ReadExactlyAsync(preface, connection.Stopping);
        byte[] frame = new byte[FrameWriter.SettingsBytes(settings.Length)];
        FrameWriter.WriteSettings(settings, frame);
        await _stream.WriteAsync(frame, connection.Stopping);
    }

    public async Task<(FrameHeader Header, byte[] Payload)> ReadAsync()
    {
        byte[] bytes = new byte[FrameHeader.Bytes];
        await _stream.ReadExactlyAsync(bytes, connection.Stopping);
        FrameHeader.TryRead(bytes, out FrameHeader header);
        byte[] payload = new byte[header.Length];
        await _stream.ReadExactlyAsync(payload, connection.Stopping);
        return (header, payload);
    }

    /// <summary>Reads up to the next frame of this type.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)> ReadAsync(FrameType type)
    {
        while (true)
        {
            (FrameHeader header, byte[] payload) = await ReadAsync();
            if (header.Type == type)
            {
                return (header, payload);
            }
        }
    }

    /// <summary>Reads up to the next request's head.</summary>
    public async Task<(int Id, Dictionary<string, string> Fields)> ReadRequestAsync()
    {
        (FrameHeader header, byte[] payload) = await ReadAsync(FrameType.Headers);
        connection.Backend.CountRequest();
        byte[] text = new byte[65_536];
        var fields = new HpackField[200];
        _decoder.Decode(payload, text, fields, out int count, out _);
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (HpackField field in fields[..count])
        {
            string name = Encoding.Latin1.GetString(text, field.NameStart, field.NameLength);
            string value = Encoding.Latin1.GetString(text, field.ValueStart, field.ValueLength);
            read[name] = read.TryGetValue(name, out string? before) ? $"{before}, {value}" : value;
        }

        return (header.StreamId, read);
    }

    public async Task WriteAsync(FrameType type, byte flags, int id, byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Bytes + payload.Length];
        new FrameHeader(payload.Length, type, flags, id).Write(frame);
        payload.CopyTo(frame, FrameHeader.Bytes);
        await _stream.WriteAsync(frame, connection.Stopping);
    }

    public Task WriteHeadAsync(int id, bool ends, params (string Name, string Value)[] fields) =>
        WriteAsync(FrameType.Headers, (byte)(FrameFlags.EndHeaders | (ends ? FrameFlags.EndStream : 0)), id, Encode(fields));

    public Task WriteDataAsync(int id, string data, bool ends) => WriteAsync(FrameType.Data, ends ? FrameFlags.EndStream : (byte)0, id, Encoding.Latin1.GetBytes(data));

    public async Task AnswerAsync(int id, string body)
    {
        await WriteHeadAsync(id, false, (":status", "200"));
        await WriteDataAsync(id, body, ends: true);
    }

    /// <summary>Reads until the peer has closed.</summary>
    public async Task UntilClosedAsync()
    {
        while (true)
        {
            await ReadAsync();
        }
    }

    /// <summary>Literals that are neither indexed nor compressed (RFC 7541, 6.2.2), whatever they hold.</summary>
    public static byte[] Encode(params (string Name, string Value)[] fields)
    {
        using var block = new MemoryStream();
        foreach ((string name, string value) in fields)
        {
            block.WriteByte(0);
            foreach (string text in new[] { name, value })
            {
                // A length of seven bits, and what is beyond in as many more as it takes.
                int length = text.Length;
                block.WriteByte((byte)Math.Min(length, 127));
                if (length >= 127)
                {
                    length -= 127;
                    for (; length >= 128; length >>= 7)
                    {
                        block.WriteByte((byte)((length & 127) | 128));
                    }

                    block.WriteByte((byte)length);
                }

                block.Write(Encoding.Latin1.GetBytes(text));
            }
        }

        return block.ToArray();
    }
}
