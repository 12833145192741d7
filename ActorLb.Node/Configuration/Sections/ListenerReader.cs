using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Listeners;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.listeners.</summary>
internal static class ListenerReader
{
    private const int LoopsMax = 1024;
    private const int HttpsPort = 443;

    /// <summary>In the place of a port.</summary>
    private const int Off = -1;

    private static readonly TimeSpan HstsMax = TimeSpan.FromDays(3650);

    public static ImmutableArray<ListenerSettings> ReadAll(
        ConfigurationCursor listeners, ConfigurationCursor defaults, ConfigurationEnvironment environment, BindConflicts binds)
    {
        Template(defaults, environment, complete: false);
        (string Name, ConfigurationCursor Key)[] all = [.. listeners.Members(defaults)];

        // Who names listeners means these and no others: the reference's own is for those who name none.
        bool anyOwn = all.Any(l => !l.Key.IsDefault);
        var read = ImmutableArray.CreateBuilder<ListenerSettings>();
        foreach ((string name, ConfigurationCursor key) in all)
        {
            if (anyOwn && key.IsDefault)
            {
                key.Ignore();
                continue;
            }

            if (Names.Read(name, out _) is { } problem)
            {
                key.Complain(problem, Names.Expected);
            }

            read.Add(Read(name, key, environment, binds));
        }

        return read.ToImmutable();
    }

    private static ListenerSettings Read(
        string name, ConfigurationCursor listener, ConfigurationEnvironment environment, BindConflicts binds)
    {
        ConfigurationCursor bindKey = listener["bind"];
        IPEndPoint bind = bindKey.As(Endpoints.Read, Endpoints.BindExpected, new IPEndPoint(IPAddress.Loopback, 0));
        binds.Add(bindKey, bind);
        return Template(listener, environment, complete: true) with { Name = name, Bind = bind };
    }

    /// <summary>Everything that a listener may have by default: all but its name and address.</summary>
    /// <param name="complete">Whether TLS needs its certificate here: defaults may leave it to each listener.</param>
    private static ListenerSettings Template(ConfigurationCursor listener, ConfigurationEnvironment environment, bool complete)
    {
        ConfigurationCursor engineKey = listener["engine"];
        ListenerEngine engine = engineKey.Choice(
            ("auto", ListenerEngine.Auto), ("kestrel", ListenerEngine.Kestrel), ("epoll", ListenerEngine.Epoll));
        ListenerTlsSettings? tls = ListenerTlsReader.Read(listener["tls"], environment, complete);
        if (engine == ListenerEngine.Epoll && tls is not null)
        {
            engineKey.Complain("the epoll lane speaks no TLS", "auto or kestrel");
        }

        ListenerHttp2 http2 = listener["http2"].As<ListenerHttp2>(ReadHttp2, "on, off or cleartext", default);
        if (http2 == ListenerHttp2.Cleartext && tls is not null)
        {
            listener["http2"].Complain("what comes over TLS is not in the clear", "on, or no tls");
        }

        if (http2 == ListenerHttp2.Cleartext && engine == ListenerEngine.Epoll)
        {
            engineKey.Complain("the epoll lane speaks no HTTP/2", "auto or kestrel");
        }

        ImmutableArray<IPNetwork> proxies =
        [
            .. listener["trusted-proxies"].ItemsOrWords().Select(
                p => p.As<IPNetwork>(ReadNetwork, "an address or a network, such as \"10.0.0.0/8\"", default)),
        ];
        ConfigurationCursor protocolKey = listener["proxy-protocol"];
        bool accepts = protocolKey.Choice(("off", false), ("accept", true));
        if (accepts && complete && proxies.IsEmpty)
        {
            protocolKey.Complain("headers are accepted from trusted-proxies alone, and there are none", "trusted-proxies = [\"10.0.0.0/8\"], or off");
        }

        return new ListenerSettings(
            "",
            new IPEndPoint(IPAddress.Loopback, 0),
            engine,
            listener["loops"].Integer(0, LoopsMax),
            http2,
            tls,
            proxies,
            listener["via"].Switch())
        {
            AcceptsProxyProtocol = accepts,
            Http3 = ReadHttp3(listener, tls is not null, accepts),
            RedirectToHttps = ReadRedirect(listener, isSecure: tls is not null && proxies.IsEmpty),
            Hsts = ReadHsts(listener, tls is not null),
        };
    }

    private static ListenerHttp3? ReadHttp3(ConfigurationCursor listener, bool isSecure, bool acceptsProxyHeaders)
    {
        ConfigurationCursor key = listener["http3"];
        int port = key.As<int>(ReadHttp3Port, "off, on, or the port at which clients reach it, 1 to 65535", Off);
        if (port == Off)
        {
            return null;
        }

        if (!isSecure)
        {
            if (IsOwn(listener, key))
            {
                key.Complain("HTTP/3 is always encrypted, and the listener has no TLS", "tls { … }, or off");
            }

            return null;
        }

        if (acceptsProxyHeaders)
        {
            key.Complain("headers of the PROXY protocol do not come by UDP: nobody would know whose such a connection is", "off, or proxy-protocol = off");
        }
        else if (!QuicSupport.IsThere)
        {
            key.Warn($"this is not used here: {QuicSupport.Missing}", "off, where no node has it");
        }

        return new ListenerHttp3(port);
    }

    private static int ReadRedirect(ConfigurationCursor listener, bool isSecure)
    {
        ConfigurationCursor key = listener["redirect-to-https"];
        int port = key.As<int>(ReadHttpsPort, "off, on for port 443, or the port at which clients reach https, 1 to 65535", 0);
        if (port > 0 && isSecure && IsOwn(listener, key))
        {
            key.Warn("this is not used, because all that comes here comes by https", "set it at the listener for plain HTTP");
        }

        return port;
    }

    private static TimeSpan ReadHsts(ConfigurationCursor listener, bool isSecure)
    {
        ConfigurationCursor key = listener["hsts"];
        TimeSpan age = key.Duration(TimeSpan.Zero, HstsMax);
        if (age > TimeSpan.Zero && age < TimeSpan.FromSeconds(1))
        {
            key.Complain("browsers count whole seconds, and 0 has them forget it", "0s for none, or 1s and more");
        }
        else if (age > TimeSpan.Zero && !isSecure && IsOwn(listener, key))
        {
            key.Warn("this is not used, because the listener has no TLS: over plain HTTP browsers do not believe it", "set it at the listener with TLS");
        }

        return age;
    }

    // What a listener has of the defaults is meant for others as well.
    private static bool IsOwn(ConfigurationCursor listener, ConfigurationCursor key) =>
        key.Path.StartsWith("actorlb.listeners.", StringComparison.Ordinal) && key.Path.StartsWith(listener.Path, StringComparison.Ordinal);

    private static string? ReadHttp2(string text, out ListenerHttp2 use)
    {
        use = text.ToLowerInvariant() switch
        {
            "cleartext" => ListenerHttp2.Cleartext,
            "on" or "true" or "yes" => ListenerHttp2.On,
            _ => ListenerHttp2.Off,
        };
        return use != ListenerHttp2.Off || text.ToLowerInvariant() is "off" or "false" or "no" ? null : $"'{text}' is no choice here";
    }

    private static string? ReadHttp3Port(string text, out int port)
    {
        port = text.ToLowerInvariant() switch
        {
            "on" or "true" or "yes" => 0,
            "off" or "false" or "no" => Off,
            _ => ReadHttpsPort(text, out int number) is null ? number : 0,
        };
        return port != 0 || text.ToLowerInvariant() is "on" or "true" or "yes" ? null : $"'{text}' is neither a switch nor a port";
    }

    private static string? ReadHttpsPort(string text, out int port)
    {
        port = text switch
        {
            "on" or "true" or "yes" => HttpsPort,
            "off" or "false" or "no" => 0,
            _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue ? number : -1,
        };
        return port >= 0 ? null : $"'{text}' is neither a switch nor a port";
    }

    public static string? ReadNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out IPAddress? address) && text.AsSpan().ContainsAny('.', ':'))
        {
            address = Endpoints.Plain(address);
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return null;
        }

        bool isRead = IPNetwork.TryParse(text, out network);
        network = Endpoints.Plain(network);
        return isRead ? null : $"'{text}' is no address and no network";
    }
}
