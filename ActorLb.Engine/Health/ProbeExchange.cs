using System.Buffers;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Health;

/// <summary>
/// Reads the answer to one probe, as strictly as the lanes read answers: what they refuse does not pass. No more is read
/// than what decides, and never more than the bounds here; the time is the caller's. One use each.
/// </summary>
/// <param name="connection">To the backend, which was sent a GET that closes it.</param>
/// <param name="text">That must stand in the body's first <see cref="BodyBytesMax"/> bytes; empty: the body is not looked at.</param>
public sealed class ProbeExchange(Stream connection, byte[] text)
{
    /// <summary>How much of a body is searched.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Interim answers before the final one: 103 comes once or twice, 102 every few seconds.</summary>
    private const int InterimAnswersMax = 16;

    private const int LocationLengthMax = 100;

    private static readonly MessageLimits Limits = new(8 * 1024, 32 * 1024, 100, MessageLimits.UsualChunkLineBytesMax);

    private readonly byte[] _input = new byte[BodyBytesMax];
    private readonly HeaderField[] _fields = new HeaderField[Limits.FieldCountMax];
    private readonly ArrayBufferWriter<byte> _body = new();
    private int _start;
    private int _end;

    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<ProbeAnswer> ReadAsync(CancellationToken cancellation)
    {
        for (int heads = 0; heads <= InterimAnswersMax; heads++)
        {
            ParseResult result;
            ResponseHead head;
            while (!(result = Parse(out head)).IsComplete)
            {
                if (result.Status == ParseStatus.Rejected)
                {
                    return Faulty(0, FaultMeaning.Of(result.Fault).Text);
                }

                if (!await FillAsync(cancellation))
                {
                    return Faulty(0, _end == 0 ? "connection closed" : "the answer ends within its head");
                }
            }

            string location = head.Status is >= 300 and < 400 ? Location(head.Fields.Count) : "";
            _start += result.Consumed;
            if (!head.IsInterim)
            {
                return await ReadBodyAsync(head, location, cancellation);
            }
        }

        return Faulty(0, $"more than {InterimAnswersMax} interim answers");
    }

    private static ProbeAnswer Faulty(int status, string fault) => new(status, "", HoldsText: false, fault);

    private ParseResult Parse(out ResponseHead head) =>
        ResponseParser.Parse(_input.AsSpan(_start, _end - _start), RequestMethod.Get, upgradeAsked: false, Limits, _fields, out head);

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            _end -= _start;
            _start = 0;
        }

        int read = await connection.ReadAsync(_input.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    private async Task<ProbeAnswer> ReadBodyAsync(ResponseHead head, string location, CancellationToken cancellation)
    {
        var chunks = default(ChunkedDecoder);
        long left = head.Framing switch
        {
            BodyFraming.None => 0,
            BodyFraming.Length => head.ContentLength,
            _ => long.MaxValue,
        };
        while (!Holds())
        {
            if (left == 0 || _body.WrittenCount == BodyBytesMax)
            {
                return new ProbeAnswer(head.Status, location, HoldsText: false, Fault: null);
            }

            BodyStep step = head.Framing == BodyFraming.Chunked ? TakeChunk(ref chunks, out string? fault) : TakePlain(ref left, out fault);
            if (step == BodyStep.Refused)
            {
                return Faulty(head.Status, fault!);
            }

            if (step == BodyStep.Over)
            {
                left = 0;
            }
            else if (step == BodyStep.NeedMore && !await FillAsync(cancellation))
            {
                if (head.Framing != BodyFraming.UntilClose)
                {
                    return Faulty(head.Status, "the answer ends within its body");
                }

                left = 0;
            }
        }

        return new ProbeAnswer(head.Status, location, HoldsText: true, Fault: null);
    }

    private enum BodyStep
    {
        Moved,
        NeedMore,
        Over,
        Refused,
    }

    private BodyStep TakePlain(ref long left, out string? fault)
    {
        fault = null;
        int length = (int)Math.Min(left, _end - _start);
        Keep(_input.AsSpan(_start, length));
        _start += length;
        left -= left == long.MaxValue ? 0 : length;
        return length > 0 ? BodyStep.Moved : BodyStep.NeedMore;
    }

    private BodyStep TakeChunk(ref ChunkedDecoder chunks, out string? fault)
    {
        fault = null;
        ReadOnlySpan<byte> input = _input.AsSpan(_start, _end - _start);
        ChunkResult piece = chunks.Next(input, Limits, _fields);
        switch (piece.Status)
        {
            case ChunkStatus.NeedMore:
                return BodyStep.NeedMore;
            case ChunkStatus.Rejected:
                fault = FaultMeaning.Of(piece.Fault).Text;
                return BodyStep.Refused;
            case ChunkStatus.End:
                return BodyStep.Over;
            default:
                Keep(piece.Data.Of(input));
                _start += piece.Consumed;
                return BodyStep.Moved;
        }
    }

    private void Keep(ReadOnlySpan<byte> data) => _body.Write(data[..Math.Min(data.Length, BodyBytesMax - _body.WrittenCount)]);

    private bool Holds() => text.Length == 0 || _body.WrittenSpan.IndexOf(text) >= 0;

    private string Location(int fields)
    {
        foreach (HeaderField field in _fields.AsSpan(0, fields))
        {
            ReadOnlySpan<byte> head = _input.AsSpan(_start, _end - _start);
            if (Ascii.EqualsIgnoreCase(field.Name(head), "Location"u8))
            {
                ReadOnlySpan<byte> value = field.Value(head);
                return string.Concat(Encoding.Latin1.GetString(value[..Math.Min(value.Length, LocationLengthMax)]).Select(c => c is > ' ' and <= '~' ? c : '?'));
            }
        }

        return "";
    }
}
