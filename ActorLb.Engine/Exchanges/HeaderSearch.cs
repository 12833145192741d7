using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Exchanges;

/// <summary>Looks for fields that somebody asked for by name. Pure.</summary>
internal static class HeaderSearch
{
    /// <summary>The value of the last field of this name; empty: there is none.</summary>
    public static ByteRange Find(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ReadOnlySpan<byte> name)
    {
        for (int i = fields.Length - 1; i >= 0; i--)
        {
            ref readonly HeaderField field = ref fields[i];
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(field.Name(source), name))
            {
                return new ByteRange(field.ValueStart, field.ValueLength);
            }
        }

        return default;
    }
}
