using ActorLb.Engine.Clients;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// What a backend is told of its client: X-Forwarded-For, -Proto, -Host and -Port. Whatever else in that kind a request
/// has (<see cref="ForwardingClaims"/>, RFC 7239) comes from a trusted proxy or not at all.
/// </summary>
/// <remarks>
/// Of a trusted proxy, X-Forwarded-For and Forwarded are lists and get its own address as their last member; X-Forwarded-Proto,
/// -Host and -Port are single values for most who read them, and stay as they are.
/// </remarks>
internal static class ForwardedFields
{
    private static readonly KnownFieldSet Ours = KnownFieldSet.Of(
        KnownField.XForwardedFor, KnownField.XForwardedProto, KnownField.XForwardedHost, KnownField.XForwardedPort);

    private static readonly KnownFieldSet OfAnybody = Ours | KnownFieldSet.Of(KnownField.Forwarded, KnownField.ForwardingClaim);

    /// <summary>Which fields of the request do not go on as they are.</summary>
    public static KnownFieldSet Replaced(ForwardedClient client, ReadOnlySpan<HeaderField> fields)
    {
        if (!client.IsTrusted)
        {
            return OfAnybody;
        }

        KnownFieldSet replaced = KnownFieldSet.Of(KnownField.XForwardedFor, KnownField.Forwarded);
        foreach (KnownField single in (ReadOnlySpan<KnownField>)[KnownField.XForwardedProto, KnownField.XForwardedHost, KnownField.XForwardedPort])
        {
            replaced |= Kept(fields, single) < 0 ? KnownFieldSet.Of(single) : KnownFieldSet.None;
        }

        return replaced;
    }

    /// <summary>Writes what <see cref="Replaced"/> took.</summary>
    /// <param name="authority">Whom the request is for; empty where it does not say.</param>
    public static void Write(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ForwardedClient client, ReadOnlySpan<byte> authority)
    {
        if (client.IsTrusted)
        {
            WriteTrusted(ref target, source, fields, client, authority);
            return;
        }

        target.Append(client.Fields);
        WriteHost(ref target, authority);
        target.AppendLine("X-Forwarded-Port: "u8, PortOf(authority, client.IsTls, client));
    }

    private static void WriteTrusted(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ForwardedClient client, ReadOnlySpan<byte> authority)
    {
        FieldLines.Append(ref target, "X-Forwarded-For"u8, source, fields, KnownField.XForwardedFor, client.Address, ", "u8);
        if (Kept(fields, KnownField.Forwarded) >= 0)
        {
            WriteForwarded(ref target, source, fields, client);
        }

        int proto = Kept(fields, KnownField.XForwardedProto);
        if (proto < 0)
        {
            target.AppendLine("X-Forwarded-Proto: "u8, client.Scheme);
        }

        int host = Kept(fields, KnownField.XForwardedHost);
        if (host < 0)
        {
            WriteHost(ref target, authority);
        }

        if (Kept(fields, KnownField.XForwardedPort) < 0)
        {
            ReadOnlySpan<byte> asked = host < 0 ? authority : RequestFields.FirstMember(fields[host].Value(source));
            bool isTls = proto < 0 ? client.IsTls : System.Text.Ascii.EqualsIgnoreCase(RequestFields.FirstMember(fields[proto].Value(source)), "https"u8);
            target.AppendLine("X-Forwarded-Port: "u8, PortOf(asked, isTls, client));
        }
    }

    // RFC 7239, 6: an address of IPv6 stands in brackets and quotes.
    private static void WriteForwarded(
        ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, ForwardedClient client)
    {
        FieldLines.AppendOpen(ref target, "Forwarded"u8, source, fields, KnownField.Forwarded, ", "u8);
        target.Append(client.IsV6 ? ", for=\"["u8 : ", for="u8);
        target.Append(client.Address);
        target.Append(client.IsV6 ? "]\"\r\n"u8 : "\r\n"u8);
    }

    private static void WriteHost(ref HeadBuffer target, ReadOnlySpan<byte> authority)
    {
        if (!authority.IsEmpty)
        {
            target.AppendLine("X-Forwarded-Host: "u8, authority);
        }
    }

    /// <summary>
    /// The port that the client used: who names none means its scheme's (RFC 9110, 4.2.1), whatever port of ours that
    /// became on the way. Only who names no host at all leaves nothing but that.
    /// </summary>
    private static ReadOnlySpan<byte> PortOf(ReadOnlySpan<byte> authority, bool isTls, ForwardedClient client)
    {
        if (authority.IsEmpty)
        {
            return client.ListenerPort.Span;
        }

        int colon = authority.LastIndexOf((byte)':');
        ReadOnlySpan<byte> port = colon > authority.LastIndexOf((byte)']') ? authority[(colon + 1)..] : default;
        return port.IsEmpty || port.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? isTls ? "443"u8 : "80"u8 : port;
    }

    /// <summary>Where a field is that says something and is not the connection's own; -1 where there is none.</summary>
    private static int Kept(ReadOnlySpan<HeaderField> fields, KnownField known)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            if (fields[i].Known == known && fields[i].ValueLength > 0 && (fields[i].Traits & FieldTraits.Nominated) == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
