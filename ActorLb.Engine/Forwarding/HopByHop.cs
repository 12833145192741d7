using Microsoft.Extensions.Primitives;

namespace ActorLb.Engine.Forwarding;

/// <summary>Header fields that concern one connection only and are not forwarded (RFC 9110, 7.6.1).</summary>
internal static class HopByHop
{
    /// <summary>Fields that are never forwarded, whatever Connection says. By length first: most names end there.</summary>
    public static bool Contains(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        7 => Is(name, "Upgrade"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "HTTP2-Settings"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        18 => Is(name, "Proxy-Authenticate"),
        19 => Is(name, "Proxy-Authorization"),
        25 => Is(name, "Proxy-Authentication-Info"),
        _ => false,
    };

    /// <summary>Whether Connection names any fields beside the usual options: close, keep-alive, upgrade.</summary>
    public static bool NamesFields(StringValues connection)
    {
        if (connection.Count == 0)
        {
            return false;
        }

        foreach (string? line in connection)
        {
            foreach (Range part in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> option = line.AsSpan()[part].Trim(" \t");
                if (!option.IsEmpty && !Is(option, "close") && !Is(option, "keep-alive") && !Is(option, "upgrade"))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Whether Connection names this field. Host and Content-Length are never a connection's own: a client that
    /// could strike them out would change what the request means (RFC 9110, 7.6.1).
    /// </summary>
    public static bool IsNamed(StringValues connection, string name)
    {
        if (Is(name, "Host") || Is(name, "Content-Length"))
        {
            return false;
        }

        foreach (string? line in connection)
        {
            foreach (Range part in line.AsSpan().Split(','))
            {
                if (Is(line.AsSpan()[part].Trim(" \t"), name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
