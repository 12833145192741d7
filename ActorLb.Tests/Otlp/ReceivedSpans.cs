using System.Globalization;
using Google.Protobuf;

namespace ActorLb.Tests.Otlp;

/// <summary>What a collector reads of one push (opentelemetry-proto, ExportTraceServiceRequest).</summary>
internal sealed record ReceivedSpans(IReadOnlyList<string> Resource, IReadOnlyList<ReceivedSpan> Spans)
{
    public string Path { get; init; } = "";

    public string Type { get; init; } = "";

    public string Token { get; init; } = "";

    public static ReceivedSpans Read(byte[] document)
    {
        byte[][] ofResources = Parts(document, 1);
        return new ReceivedSpans(
            [.. ofResources.SelectMany(r => Parts(r, 1)).SelectMany(r => Parts(r, 1)).Select(Attribute)],
            [.. ofResources.SelectMany(r => Parts(r, 2)).SelectMany(s => Parts(s, 2)).Select(SpanOf)]);
    }

    private static ReceivedSpan SpanOf(byte[] span) => new(
        Hex(span, 1),
        Hex(span, 2),
        Hex(span, 4),
        Text(span, 5),
        Number(span, 6),
        [.. Parts(span, 9).Select(Attribute)],
        [.. Parts(span, 13).Select(l => Hex(l, 2))],
        Parts(span, 15).Select(s => Number(s, 3)).SingleOrDefault());

    private static string Attribute(byte[] pair)
    {
        byte[] value = Parts(pair, 2).Single();
        string text = Parts(value, 1).Length > 0 ? Text(value, 1) : Number(value, 3).ToString(CultureInfo.InvariantCulture);
        return $"{Text(pair, 1)}={text}";
    }

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Parts(message, field).SingleOrDefault() ?? []);

    private static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Parts(message, field).SingleOrDefault() ?? []);

    private static byte[][] Parts(byte[] message, int field) =>
        [.. Fields(message).Where(f => f.Number == field && f.Bytes is not null).Select(f => f.Bytes!)];

    private static int Number(byte[] message, int field) => (int)Fields(message).Where(f => f.Number == field && f.Bytes is null).Select(f => f.Value).SingleOrDefault();

    private static List<(int Number, byte[]? Bytes, ulong Value)> Fields(byte[] message)
    {
        var read = new List<(int, byte[]?, ulong)>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            int number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited:
                    read.Add((number, input.ReadBytes().ToByteArray(), 0));
                    break;
                case WireFormat.WireType.Varint:
                    read.Add((number, null, input.ReadUInt64()));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return read;
    }
}

/// <summary>Ids in hexadecimal digits.</summary>
internal sealed record ReceivedSpan(string Trace, string Span, string Parent, string Name, int Kind, IReadOnlyList<string> Attributes, IReadOnlyList<string> Links, int Status);
