using System.Collections.Immutable;
using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Switches of protocols (RFC 9110, 7.8): what a pool's <c>upgrades</c> lists is passed on, and nothing else, because behind a
/// switch anybody could speak past the balancer. Pure.
/// </summary>
internal static class Upgrades
{
    /// <summary>Whether the request asks for one of them, and may be passed on so: not with a body before it.</summary>
    /// <param name="allowed">Protocols as the pool lists them.</param>
    public static bool AreAsked(
        ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields, ImmutableArray<string> allowed) =>
        head.Has(RequestTraits.AsksUpgrade)
        && (head.Framing == BodyFraming.None || head is { Framing: BodyFraming.Length, ContentLength: 0 })
        && HasAllowed(source, fields, allowed);

    /// <summary>
    /// Whether a switch is to what was asked and is allowed. One that does not say to what is the only one that was asked, and
    /// one without a version to the version that was.
    /// </summary>
    /// <param name="answer">The head of the 101, with its fields.</param>
    public static bool AreAnswered(
        ReadOnlySpan<byte> answer,
        ReadOnlySpan<HeaderField> answerFields,
        ReadOnlySpan<byte> request,
        ReadOnlySpan<HeaderField> requestFields,
        ImmutableArray<string> allowed)
    {
        foreach (ref readonly HeaderField field in answerFields)
        {
            if (field.Known != KnownField.Upgrade)
            {
                continue;
            }

            foreach (ReadOnlySpan<byte> protocol in new ListMembers(field.Value(answer)))
            {
                if (!IsPassedOn(protocol, request, requestFields, allowed))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Connection and Upgrade as a backend gets them: of what the client asks, what is allowed.</summary>
    public static void Write(ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ImmutableArray<string> allowed)
    {
        target.Append("Connection: Upgrade\r\nUpgrade: "u8);
        bool isFirst = true;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known != KnownField.Upgrade)
            {
                continue;
            }

            foreach (ReadOnlySpan<byte> protocol in new ListMembers(field.Value(source)))
            {
                if (IsAllowed(protocol, allowed))
                {
                    target.Append(isFirst ? default : ", "u8);
                    target.Append(protocol);
                    isFirst = false;
                }
            }
        }

        target.Append("\r\n"u8);
    }

    // A name that is listed without a version means each of its versions.
    private static bool IsAllowed(ReadOnlySpan<byte> protocol, ImmutableArray<string> allowed)
    {
        ReadOnlySpan<byte> name = NameOf(protocol);
        foreach (string one in allowed)
        {
            if (Ascii.EqualsIgnoreCase(protocol, one) || Ascii.EqualsIgnoreCase(name, one))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasAllowed(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ImmutableArray<string> allowed)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known != KnownField.Upgrade)
            {
                continue;
            }

            foreach (ReadOnlySpan<byte> protocol in new ListMembers(field.Value(source)))
            {
                if (IsAllowed(protocol, allowed))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsPassedOn(
        ReadOnlySpan<byte> answered, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ImmutableArray<string> allowed)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known != KnownField.Upgrade)
            {
                continue;
            }

            foreach (ReadOnlySpan<byte> asked in new ListMembers(field.Value(source)))
            {
                if (AreSame(answered, asked) && IsAllowed(asked, allowed))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Versions are optional, and servers leave out what clients write, or the other way round.
    private static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        ReadOnlySpan<byte> name = NameOf(one);
        ReadOnlySpan<byte> otherName = NameOf(other);
        return Ascii.EqualsIgnoreCase(one, other)
            || ((name.Length == one.Length || otherName.Length == other.Length) && Ascii.EqualsIgnoreCase(name, otherName));
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> protocol)
    {
        int slash = protocol.IndexOf((byte)'/');
        return slash < 0 ? protocol : protocol[..slash];
    }
}
