using System.Net;

namespace ActorLb.Engine.Backends;

/// <summary>Where one backend is reached: a number, or whatever its name leads to now. Read from any thread.</summary>
public sealed class BackendHost
{
    private IPEndPoint[]? _addresses;

    internal BackendHost(Uri backend)
    {
        Name = backend.IdnHost.Trim('[', ']');
        Port = backend.Port;
        IsName = !IPAddress.TryParse(Name, out IPAddress? number);
        _addresses = number is null ? null : [new IPEndPoint(number, Port)];
    }

    /// <summary>As it is written, without brackets.</summary>
    public string Name { get; }

    public int Port { get; }

    public bool IsName { get; }

    /// <summary>To be tried in this order until one takes the connection. Null: the name was not looked up yet.</summary>
    public IPEndPoint[]? Addresses => Volatile.Read(ref _addresses);

    /// <summary>Whether a connection to this address still leads to the backend.</summary>
    public bool LeadsTo(IPEndPoint address) => !IsName || Addresses is not { } now || Array.IndexOf(now, address) >= 0;

    /// <summary>The name was looked up.</summary>
    /// <returns>Whether it leads elsewhere now than before; also false for the first time.</returns>
    internal bool Set(IPEndPoint[] addresses)
    {
        IPEndPoint[]? before = Interlocked.Exchange(ref _addresses, addresses);
        return before is not null && !before.AsSpan().SequenceEqual(addresses);
    }
}
