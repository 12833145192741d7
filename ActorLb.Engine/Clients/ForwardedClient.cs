using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Clients;

/// <summary>What backends are told of a client: the same for all requests of its connection, and made once for it.</summary>
internal sealed class ForwardedClient
{
    private const string ForwardedFor = "X-Forwarded-For: ";

    private readonly byte[] _fields;
    private readonly int _addressLength;

    /// <param name="peer">The client's address: the peer's, or the one that a proxy announced.</param>
    /// <param name="announced">What that proxy said; null: nothing.</param>
    /// <param name="certificate">Lines that tell of the certificate that it showed; null: it showed none. A trusted proxy's own is not its client's.</param>
    public ForwardedClient(ListenerSettings listener, IPAddress peer, AnnouncedClient? announced = null, byte[]? certificate = null)
    {
        Via = listener.Via;
        IsTls = listener.Tls is not null || announced is { IsTls: true };
        ListenerPort = Encoding.ASCII.GetBytes((announced?.Destination.Port ?? listener.Bind.Port).ToString(CultureInfo.InvariantCulture));
        IPAddress address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        string text = address.ToString();
        _addressLength = text.Length;
        IsV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        IsTrusted = listener.Trusts(address);
        byte[] lines = Encoding.ASCII.GetBytes($"{ForwardedFor}{text}\r\nX-Forwarded-Proto: {(IsTls ? "https" : "http")}\r\n");
        _fields = certificate is null || IsTrusted ? lines : [.. lines, .. certificate];
    }

    /// <summary>The peer's address as X-Forwarded-For carries it.</summary>
    public ReadOnlySpan<byte> Address => _fields.AsSpan(ForwardedFor.Length, _addressLength);

    /// <summary>The lines of X-Forwarded-For and -Proto where nothing else of them is believed, and those of its certificate.</summary>
    public ReadOnlySpan<byte> Fields => _fields;

    public ReadOnlySpan<byte> Scheme => IsTls ? "https"u8 : "http"u8;

    /// <summary>The address is one of IPv6.</summary>
    public bool IsV6 { get; }

    /// <summary>The port that its listener was told, or to which the client of a proxy came, in decimal digits.</summary>
    public ReadOnlyMemory<byte> ListenerPort { get; }

    /// <summary>A proxy whose forwarded fields are believed.</summary>
    public bool IsTrusted { get; }

    /// <summary>Its connection is TLS, to us or to the proxy that announced it.</summary>
    public bool IsTls { get; }

    /// <summary>Requests get a Via field.</summary>
    public bool Via { get; }
}
