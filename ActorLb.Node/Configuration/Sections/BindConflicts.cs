using System.Net;
using ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Finds two keys of one node that want the same port of the same address.</summary>
internal sealed class BindConflicts
{
    private readonly List<(ConfigurationCursor Key, string Host, int Port)> _taken = [];

    public void Add(ConfigurationCursor key, IPEndPoint bind) => Add(key, bind.Address.ToString(), bind.Port);

    /// <param name="hostKey">Where the host is written apart from its port.</param>
    public void Add(ConfigurationCursor key, ConfigurationCursor hostKey, string host, int port)
    {
        if (!hostKey.IsWrong)
        {
            Add(key, host, port);
        }
    }

    /// <param name="port">0, a free one, never conflicts.</param>
    public void Add(ConfigurationCursor key, string host, int port)
    {
        if (port == 0)
        {
            return;
        }

        (ConfigurationCursor? other, string otherHost, _) = _taken.Find(t => t.Port == port && Overlap(t.Host, host));
        if (other is not null)
        {
            key.Complain($"port {port} is already taken by {other.Path}{(otherHost == host ? "" : $" ({otherHost})")}", "a port of its own");
        }

        _taken.Add((key, host, port));
    }

    /// <summary>The key whose port an address leads to; null where it leads elsewhere.</summary>
    public string? KeyAt(IPAddress address, int port, Func<IPAddress, bool> isOwn) =>
        _taken.Find(t => t.Port == port && LeadsTo(t.Host, address, isOwn)).Key?.Path;

    /// <summary>Whether an address is that of a host that this node listens on.</summary>
    public static bool LeadsTo(string host, IPAddress address, Func<IPAddress, bool> isOwn) =>
        IPAddress.TryParse(host, out IPAddress? bound)
        && (Endpoints.IsAny(bound) ? Endpoints.IsAny(address) || isOwn(address) : bound.Equals(address) || (Endpoints.IsAny(address) && isOwn(bound)));

    // A host name may stand for any address of this machine.
    private static bool Overlap(string left, string right) =>
        !IPAddress.TryParse(left, out IPAddress? first)
        || !IPAddress.TryParse(right, out IPAddress? second)
        || Endpoints.IsAny(first)
        || Endpoints.IsAny(second)
        || first.Equals(second);
}
