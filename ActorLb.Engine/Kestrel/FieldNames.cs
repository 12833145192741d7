using System.Text;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Names of fields as the texts that the server wants, those of late kept: few names make up nearly all fields.
/// Direct-mapped and of fixed size, a newcomer overwrites. Any thread may call it.
/// </summary>
internal static class FieldNames
{
    private const int KeptMax = 256;
    private const int KeptBytesMax = 64;

    private static readonly string?[] Kept = new string?[KeptMax];

    public static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length > KeptBytesMax)
        {
            return Encoding.Latin1.GetString(name);
        }

        ref string? slot = ref Kept[((name.Length * 31) + (name[0] * 7) + name[^1] + (name[name.Length / 2] * 3)) & (KeptMax - 1)];
        string? kept = Volatile.Read(ref slot);
        if (kept is not null && Ascii.Equals(name, kept))
        {
            return kept;
        }

        kept = Encoding.Latin1.GetString(name);
        Volatile.Write(ref slot, kept);
        return kept;
    }
}
