using System.Net;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>What stays the same for all requests of one client connection. Made once for it.</summary>
internal sealed class ClientConnection
{
    private readonly IPAddress _peer;

    public ClientConnection(IFeatureCollection features)
    {
        Listener = features.GetRequiredFeature<ListenerSettings>();
        IPAddress peer = AddressOf(features);
        _peer = peer;
        Address = peer.ToString();
        foreach (IPNetwork network in Listener.TrustedProxies)
        {
            IsTrusted |= network.Contains(peer);
        }
    }

    public static IPAddress AddressOf(IFeatureCollection features)
    {
        IPAddress peer = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress ?? IPAddress.None;
        return peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
    }

    public ListenerSettings Listener { get; }

    /// <summary>The peer's address as X-Forwarded-For carries it.</summary>
    public string Address { get; }

    /// <summary>A proxy whose forwarded fields are believed and appended to.</summary>
    public bool IsTrusted { get; }

    /// <summary>Whose a request with these fields is: this client's, or that of the one whom a trusted proxy names.</summary>
    public ClientKey KeyOf(IHeaderDictionary headers) => ClientKey.Of(
        IsTrusted ? ClientAddress.Of(_peer, Listener.TrustedProxies, string.Join(',', headers["X-Forwarded-For"].AsEnumerable())) : _peer);

    public bool IsTls => Listener.Tls is not null;

    public string Scheme => IsTls ? "https" : "http";
}
