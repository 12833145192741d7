using System.Buffers.Binary;
using System.Text;

namespace ActorLb.Engine.Http2.Hpack;

/// <summary>The fields of RFC 7541, Appendix A, by their index from 1 on, and the index of a field.</summary>
internal static class HpackStaticTable
{
    public const int Count = 61;

    private const int SlotBits = 8;

    private static readonly (byte[] Name, byte[] Value)[] Fields = Read(
        """
        :authority
        :method GET
        :method POST
        :path /
        :path /index.html
        :scheme http
        :scheme https
        :status 200
        :status 204
        :status 206
        :status 304
        :status 400
        :status 404
        :status 500
        accept-charset
        accept-encoding gzip, deflate
        accept-language
        accept-ranges
        accept
        access-control-allow-origin
        age
        allow
        authorization
        cache-control
        content-disposition
        content-encoding
        content-language
        content-length
        content-location
        content-range
        content-type
        cookie
        date
        etag
        expect
        expires
        from
        host
        if-match
        if-modified-since
        if-none-match
        if-range
        if-unmodified-since
        last-modified
        link
        location
        max-forwards
        proxy-authenticate
        proxy-authorization
        range
        referer
        refresh
        retry-after
        server
        set-cookie
        strict-transport-security
        transfer-encoding
        user-agent
        vary
        via
        www-authenticate
        """);

    // The first index of a name, at the slot of its word: each has one of its own.
    private static readonly byte[] Slots = new byte[1 << SlotBits];
    private static readonly ulong Multiplier = FindMultiplier();

    /// <param name="index">1 to <see cref="Count"/>.</param>
    public static ReadOnlySpan<byte> NameOf(int index) => Fields[index].Name;

    /// <param name="index">1 to <see cref="Count"/>.</param>
    public static ReadOnlySpan<byte> ValueOf(int index) => Fields[index].Value;

    /// <summary>The index of exactly this field; 0 where there is none.</summary>
    /// <param name="nameIndex">The first one of this name; 0 where there is none.</param>
    public static int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out int nameIndex)
    {
        nameIndex = Slots[SlotOf(WordOf(name), Multiplier)];
        if (nameIndex == 0 || !name.SequenceEqual(Fields[nameIndex].Name))
        {
            nameIndex = 0;
            return 0;
        }

        for (int i = nameIndex; i <= Count && name.SequenceEqual(Fields[i].Name); i++)
        {
            if (value.SequenceEqual(Fields[i].Value))
            {
                return i;
            }
        }

        return 0;
    }

    // Its last eight bytes and its length: no two names of the table have both in common.
    private static ulong WordOf(ReadOnlySpan<byte> name)
    {
        if (name.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(name[^sizeof(ulong)..]) + (uint)name.Length;
        }

        ulong word = 0;
        foreach (byte b in name)
        {
            word = (word << 8) | b;
        }

        return word;
    }

    private static int SlotOf(ulong word, ulong multiplier) => (int)((word * multiplier) >> (64 - SlotBits));

    private static ulong FindMultiplier()
    {
        // Any odd number may do; one that gives each name a slot is found after some hundreds.
        ulong multiplier = 0x9E3779B97F4A7C15;
        while (!Fits(multiplier))
        {
            multiplier += 0x9E3779B97F4A7C16;
            Array.Clear(Slots);
        }

        return multiplier;
    }

    private static bool Fits(ulong multiplier)
    {
        for (int i = 1; i <= Count; i++)
        {
            ref byte slot = ref Slots[SlotOf(WordOf(Fields[i].Name), multiplier)];
            if (slot == 0)
            {
                slot = (byte)i;
            }
            else if (!Fields[slot].Name.AsSpan().SequenceEqual(Fields[i].Name))
            {
                return false;
            }
        }

        return true;
    }

    private static (byte[] Name, byte[] Value)[] Read(string lines) =>
        [([], []), .. lines.Split('\n', StringSplitOptions.TrimEntries).Select(Field)];

    private static (byte[] Name, byte[] Value) Field(string line)
    {
        string[] words = line.Split(' ', 2);
        return (Encoding.ASCII.GetBytes(words[0]), words.Length > 1 ? Encoding.ASCII.GetBytes(words[1]) : []);
    }
}
