using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Health;

/// <summary>
/// Asks a server of gRPC how it is: <c>grpc.health.v1.Health/Check</c>, a message with the service's name, whose answer is a
/// number (grpc/doc/health-checking.md). Reads as strictly as the lanes do, and no more than <see cref="AnswerBytesMax"/>.
/// </summary>
/// <param name="call">Spoken with in text of HTTP/1.1.</param>
public sealed class GrpcHealthCheck(Stream call)
{
    private const int AnswerBytesMax = 16 * 1024;
    private const int PrefixBytes = 5;
    private const byte NameTag = 0x0a;
    private const byte StatusTag = 0x08;

    private static readonly MessageLimits Limits = new(8 * 1024, AnswerBytesMax, 100, MessageLimits.UsualChunkLineBytesMax);

    private readonly byte[] _input = new byte[AnswerBytesMax];
    private readonly HeaderField[] _fields = new HeaderField[Limits.FieldCountMax];
    private readonly List<byte> _body = [];
    private int _length;

    /// <summary>What it serves: SERVING alone is well.</summary>
    private enum Serving
    {
        Unknown,
        Serving,
        NotServing,
        ServiceUnknown,
    }

    /// <summary>Null where it is well; else why it is not, in a few words.</summary>
    /// <param name="service">Empty: the server as a whole.</param>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string?> AskAsync(string authority, string service, CancellationToken cancellation)
    {
        await call.WriteAsync(Question(authority, service), cancellation).ConfigureAwait(false);
        while (_length < _input.Length && await call.ReadAsync(_input.AsMemory(_length), cancellation).ConfigureAwait(false) is > 0 and var count)
        {
            _length += count;
        }

        return Judge();
    }

    private static byte[] Question(string authority, string service)
    {
        byte[] name = Encoding.UTF8.GetBytes(service);
        byte[] message = name.Length == 0 ? [] : [NameTag, .. LengthOf(name), .. name];
        byte[] prefix = new byte[PrefixBytes];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), message.Length);
        string head = $"POST /grpc.health.v1.Health/Check HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: ActorLb-Probe\r\nContent-Type: application/grpc\r\n"
            + $"Connection: TE\r\nTE: trailers\r\nContent-Length: {(PrefixBytes + message.Length).ToString(CultureInfo.InvariantCulture)}\r\n\r\n";
        return [.. Encoding.Latin1.GetBytes(head), .. prefix, .. message];
    }

    // A varint: names are not longer than a line of the configuration.
    private static byte[] LengthOf(byte[] name) => name.Length < 0x80 ? [(byte)name.Length] : [(byte)(name.Length | 0x80), (byte)(name.Length >> 7)];

    private string? Judge()
    {
        ReadOnlySpan<byte> input = _input.AsSpan(0, _length);
        ParseResult result = ResponseParser.Parse(input, RequestMethod.Post, upgradeAsked: false, Limits, _fields, out ResponseHead head);
        if (!result.IsComplete)
        {
            return result.Status == ParseStatus.Rejected ? FaultMeaning.Of(result.Fault).Text : "the answer ends within its head";
        }

        if (head.Status != 200)
        {
            return head.Status.ToString(CultureInfo.InvariantCulture);
        }

        string? status = StatusIn(input, _fields.AsSpan(0, head.Fields.Count));
        return status is not null ? Meaning(status) : JudgeBody(input[result.Consumed..], head);
    }

    private string? JudgeBody(ReadOnlySpan<byte> input, in ResponseHead head)
    {
        if (head.Framing != BodyFraming.Chunked)
        {
            return "the answer has no grpc-status";
        }

        var chunks = default(ChunkedDecoder);
        while (true)
        {
            ChunkResult piece = chunks.Next(input, Limits, _fields);
            if (piece.Status is ChunkStatus.Rejected or ChunkStatus.NeedMore)
            {
                return "the answer ends within its body";
            }

            if (piece.Status == ChunkStatus.End)
            {
                string? status = StatusIn(input, _fields.AsSpan(0, piece.TrailerCount));
                return status is null ? "the answer has no grpc-status" : Meaning(status);
            }

            _body.AddRange(piece.Data.Of(input));
            input = input[piece.Consumed..];
        }
    }

    private static string? StatusIn(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (Ascii.EqualsIgnoreCase(field.Name(source), "grpc-status"u8))
            {
                return Encoding.Latin1.GetString(field.Value(source));
            }
        }

        return null;
    }

    private string? Meaning(string status) => status switch
    {
        "0" => Serves() switch
        {
            Serving.Serving => null,
            Serving.NotServing => "NOT_SERVING",
            Serving.ServiceUnknown => "SERVICE_UNKNOWN",
            _ => "UNKNOWN",
        },
        "5" => "NOT_FOUND: it knows no such service",
        "12" => "UNIMPLEMENTED: it has no service of health",
        _ => $"gRPC status {(status.Length <= 2 && status.All(char.IsAsciiDigit) ? status : "?")}",
    };

    // The first field is the status; where it is zero, it may be missing.
    private Serving Serves()
    {
        bool isWhole = _body.Count > PrefixBytes + 1 && _body[0] == 0 && _body[PrefixBytes] == StatusTag;
        return isWhole && _body[PrefixBytes + 1] is <= (byte)Serving.ServiceUnknown and var status ? (Serving)status : Serving.Unknown;
    }
}
