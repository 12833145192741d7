using System.Runtime.InteropServices;
using System.Text;
using ActorLb.Engine.Balancing;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Forwarding;

/// <summary>The key by which a request is balanced, read out of its head.</summary>
internal static class RequestKey
{
    /// <summary>None where the request has no such header or cookie, or an empty one; the first counts where it has several.</summary>
    /// <param name="routes">Reads the path as routes see it, so that it is one key however it is written.</param>
    public static BalanceKey Of(
        BalanceSettings balance, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields, RouteFinder routes) => balance.On switch
    {
        HashOn.Header => OfText(Header(source, fields, balance.Name)),
        HashOn.Cookie when head.Fields.Has(KnownField.Cookie) => OfText(Cookie(source, fields, balance.Name)),
        HashOn.Path => OfText(MemoryMarshal.AsBytes(routes.Path(head.Target.PathAndQuery.Of(source)))),
        _ => BalanceKey.None,
    };

    public static BalanceKey Of(ClientKey client) => BalanceKey.Of(client.IsIPv4 ? ~client.Network : client.Network);

    private static BalanceKey OfText(ReadOnlySpan<byte> text) => text.IsEmpty ? BalanceKey.None : BalanceKey.Of(text);

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, string name)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(field.Name(source), name))
            {
                return field.Value(source);
            }
        }

        return default;
    }

    // RFC 6265, 4.2.1.
    private static ReadOnlySpan<byte> Cookie(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, string name)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            ReadOnlySpan<byte> rest = field.Known == KnownField.Cookie ? field.Value(source) : default;
            while (!rest.IsEmpty)
            {
                int end = rest.IndexOf((byte)';');
                ReadOnlySpan<byte> pair = (end < 0 ? rest : rest[..end]).Trim(" \t"u8);
                rest = end < 0 ? default : rest[(end + 1)..];
                int equals = pair.IndexOf((byte)'=');
                if (equals == name.Length && Ascii.Equals(pair[..equals], name))
                {
                    return pair[(equals + 1)..];
                }
            }
        }

        return default;
    }
}
