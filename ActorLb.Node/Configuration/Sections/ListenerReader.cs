using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.listeners.</summary>
internal static class ListenerReader
{
    private const int LoopsMax = 1024;
    private const int HttpsPort = 443;

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
            listener["http2"].Switch(),
            tls,
            proxies,
            listener["via"].Switch())
        {
            AcceptsProxyProtocol = accepts,
            RedirectToHttps = ReadRedirect(listener, isSecure: tls is not null && proxies.IsEmpty),
            Hsts = ReadHsts(listener, tls is not null),
        };
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
