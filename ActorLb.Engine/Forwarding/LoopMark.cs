using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// The mark by which a request that goes in circles is found: CDN-Loop (RFC 8586), to which every balancer adds its kind.
/// Not its cluster: a request that passes two tiers of one is no loop, and one that passes many clusters in turn is.
/// </summary>
internal static class LoopMark
{
    /// <summary>
    /// So many balancers of this kind may stand one behind the other. Each pass of a loop costs two connections and their
    /// buffers, so the number is small; nobody was seen with more than three tiers.
    /// </summary>
    public const int PassesMax = 8;

    private static ReadOnlySpan<byte> Own => "actorlb"u8;

    /// <summary>A client that writes the mark itself has its own request refused, and nobody else's.</summary>
    public static bool IsLooping(ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        if (!head.Fields.Has(KnownField.CdnLoop))
        {
            return false;
        }

        int passes = 0;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.CdnLoop)
            {
                passes += PassesOf(field.Value(source));
            }
        }

        return passes >= PassesMax;
    }

    public static void Write(ref HeadBuffer target, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        if (head.Fields.Has(KnownField.CdnLoop))
        {
            FieldLines.Append(ref target, "CDN-Loop"u8, source, fields, KnownField.CdnLoop, Own, ", "u8);
        }
        else
        {
            target.Append("CDN-Loop: actorlb\r\n"u8);
        }
    }

    // A member is an identifier and, after semicolons, its parameters (RFC 8586, 2).
    private static int PassesOf(ReadOnlySpan<byte> value)
    {
        int passes = 0;
        foreach (ReadOnlySpan<byte> member in new ListMembers(value))
        {
            int end = member.IndexOf((byte)';');
            ReadOnlySpan<byte> name = end < 0 ? member : member[..end].TrimEnd(" \t"u8);
            passes += Ascii.EqualsIgnoreCase(name, Own) ? 1 : 0;
        }

        return passes;
    }
}
