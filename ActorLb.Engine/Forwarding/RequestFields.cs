using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;

namespace ActorLb.Engine.Forwarding;

/// <summary>What both lanes read out of a request's fields before they forward it. Pure.</summary>
internal static class RequestFields
{
    /// <summary>The value of a known field, the first where there are several; empty where there is none.</summary>
    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownField known)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == known)
            {
                return field.Value(source);
            }
        }

        return default;
    }

    /// <summary>All values of a known field, joined by commas; empty where there is none.</summary>
    public static string Joined(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownField known)
    {
        string joined = "";
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == known)
            {
                string value = Encoding.Latin1.GetString(field.Value(source));
                joined = joined.Length == 0 ? value : $"{joined},{value}";
            }
        }

        return joined;
    }

    /// <summary>Adds the tickets of a pool, or the sessions that values of its application's cookie name.</summary>
    public static void FindTickets(
        PoolAffinity affinity, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields, ref PresentedTickets found)
    {
        if (affinity.Header is { } header)
        {
            header.Find(source, fields, ref found);
            return;
        }

        if (!head.Fields.Has(KnownField.Cookie))
        {
            return;
        }

        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Cookie)
            {
                if (affinity.LearnedCookie is { } name)
                {
                    FindValues(affinity.Values, field.Value(source), name, ref found);
                }
                else
                {
                    affinity.Cookie.Find(field.Value(source), ref found);
                }
            }
        }
    }

    // A value may have a name by each secret, and the first of them is the usual one.
    private static void FindValues(ValueNames names, ReadOnlySpan<byte> field, ReadOnlySpan<byte> name, ref PresentedTickets found)
    {
        foreach (ReadOnlySpan<byte> value in new CookieValues(field, name))
        {
            for (int i = 0; i < names.Count && found.Count < PresentedTickets.Max; i++)
            {
                found.Add(i == 0 ? names.First(value) : names.Of(i, value));
            }
        }
    }

    /// <summary>
    /// Whether the client came by TLS: as a trusted proxy says, else by its own connection. A list is that of several proxies,
    /// the one that saw the client first (X-Forwarded-Proto has no other definition).
    /// </summary>
    public static bool IsSecure(ForwardedClient client, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<HeaderField> fields)
    {
        if (!client.IsTrusted || !head.Fields.Has(KnownField.XForwardedProto))
        {
            return client.IsTls;
        }

        ReadOnlySpan<byte> scheme = FirstMember(Value(source, fields, KnownField.XForwardedProto));
        return scheme.IsEmpty ? client.IsTls : Ascii.EqualsIgnoreCase(scheme, "https"u8);
    }

    /// <summary>The first member of a list; empty where there is none.</summary>
    public static ReadOnlySpan<byte> FirstMember(ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlySpan<byte> member in new ListMembers(value))
        {
            return member;
        }

        return default;
    }
}
