using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Whether an answer says of itself that a cache between here and its client may give it to others (RFC 9111, 3; RFC 9213):
/// what it sets would be set for all of them. Where it is not certain, it may. Pure.
/// </summary>
/// <remarks>
/// What a cache keeps without having been told to is not known here: those that keep answers by heuristics leave out
/// answers that set cookies.
/// </remarks>
internal static class SharedCaching
{
    /// <summary>RFC 9213, and what caches read instead of Cache-Control; they follow it whatever that says.</summary>
    private static readonly string[] Targeted = ["Surrogate-Control", "Edge-Control", "X-LiteSpeed-Cache-Control"];

    private const string TargetedSuffix = "CDN-Cache-Control";

    [Flags]
    private enum Words : byte
    {
        None = 0,

        /// <summary>private or no-store: no shared cache keeps it.</summary>
        Forbids = 1,

        /// <summary>public, immutable, or a time for which it is fresh or may be given out stale.</summary>
        Allows = 2,

        /// <summary>A time for which it is fresh, perhaps none: Expires does not count (RFC 9111, 5.3).</summary>
        HasAge = 4,
    }

    /// <param name="now">Unix seconds.</param>
    public static bool MayBeShared(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, long now)
    {
        var control = Words.None;
        bool isTargeted = false;
        bool expiresLater = false;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known != KnownField.Other)
            {
                continue;
            }

            ReadOnlySpan<byte> name = field.Name(source);
            ReadOnlySpan<byte> value = field.Value(source);
            if (Is(name, "Cache-Control"))
            {
                control |= Read(value);
            }
            else if (Is(name, "Expires"))
            {
                expiresLater |= IsLater(value, now);
            }
            else if (IsTargeted(name))
            {
                isTargeted |= MayBeShared(Read(value));
            }
            else if (Is(name, "X-Accel-Expires"))
            {
                // Seconds, or @ and Unix seconds (nginx); "off" and 0 keep nothing.
                isTargeted |= !value.IsEmpty && (value[0] == '@' || IsPositive(value));
            }
        }

        return isTargeted || MayBeShared(control) || (expiresLater && (control & (Words.Forbids | Words.HasAge)) == 0);
    }

    /// <summary>Whether an answer says that no cache may give it to others, also where none would without being told.</summary>
    public static bool IsForbidden(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other && Is(field.Name(source), "Cache-Control") && (Read(field.Value(source)) & Words.Forbids) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBeShared(Words words) => (words & (Words.Allows | Words.Forbids)) == Words.Allows;

    private static bool IsTargeted(ReadOnlySpan<byte> name)
    {
        if (name.Length >= TargetedSuffix.Length && Is(name[^TargetedSuffix.Length..], TargetedSuffix))
        {
            return true;
        }

        foreach (string targeted in Targeted)
        {
            if (Is(name, targeted))
            {
                return true;
            }
        }

        return false;
    }

    // private="Name" keeps one field out of a cache, and the rest of the answer in it: it does not forbid.
    private static Words Read(ReadOnlySpan<byte> value)
    {
        var words = Words.None;
        foreach (ReadOnlySpan<byte> member in new ListMembers(value))
        {
            // Members that somebody parted by ';' are read by some caches, and the first one counts here.
            int equals = member.IndexOfAny((byte)'=', (byte)';');
            ReadOnlySpan<byte> name = (equals < 0 ? member : member[..equals]).TrimEnd(" \t"u8);
            ReadOnlySpan<byte> argument = equals < 0 ? default : member[(equals + 1)..].Trim(" \t\""u8);
            if (Is(name, "no-store") || (Is(name, "private") && equals < 0))
            {
                words |= Words.Forbids;
            }
            else if (Is(name, "public") || Is(name, "immutable"))
            {
                words |= Words.Allows;
            }
            else if (Is(name, "max-age") || Is(name, "s-maxage"))
            {
                words |= Words.HasAge | (IsPositive(argument) ? Words.Allows : Words.None);
            }
            else if (Is(name, "stale-while-revalidate") || Is(name, "stale-if-error"))
            {
                words |= IsPositive(argument) ? Words.Allows : Words.None;
            }
        }

        return words;
    }

    // Of any length: what is beyond a number is long enough. Surrogate-Control adds a time with '+'.
    private static bool IsPositive(ReadOnlySpan<byte> seconds) =>
        seconds.IndexOfAnyExcept("+0"u8) is var first and >= 0 && seconds[first] is >= (byte)'1' and <= (byte)'9';

    // What is no date is in the past (RFC 9111, 5.3).
    private static bool IsLater(ReadOnlySpan<byte> value, long now) => HttpDate.TryRead(value, out long date) && date > now;

    private static bool Is(ReadOnlySpan<byte> name, string other) => name.Length == other.Length && Ascii.EqualsIgnoreCase(name, other);
}
