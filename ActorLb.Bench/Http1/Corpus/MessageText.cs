using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>What a parser found, as text to compare: bytes are characters of Latin-1.</summary>
internal static class MessageText
{
    public static string Of(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static List<(string Name, string Value)> Fields(ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields)
    {
        var list = new List<(string Name, string Value)>(fields.Length);
        foreach (ref readonly HeaderField field in fields)
        {
            list.Add((Of(field.Name(bytes)), Of(field.Value(bytes))));
        }

        return list;
    }

    public static string Nominated(ReadOnlySpan<byte> bytes, ReadOnlySpan<HeaderField> fields)
    {
        var names = new List<string>();
        foreach (ref readonly HeaderField field in fields)
        {
            if ((field.Traits & FieldTraits.Nominated) != 0)
            {
                names.Add(Of(field.Name(bytes)));
            }
        }

        return string.Join(',', names);
    }

    public static string Framing(BodyFraming framing, long length) => framing switch
    {
        BodyFraming.Length => $"length:{length}",
        BodyFraming.UntilClose => "until-close",
        _ => framing.ToString().ToLowerInvariant(),
    };
}
