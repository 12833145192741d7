using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>What stays the same for all requests of one client connection. Made once for it.</summary>
internal sealed class ClientConnection
{
    public ClientConnection(IFeatureCollection features)
    {
        Listener = features.GetRequiredFeature<ListenerSettings>();
        IPAddress peer = AddressOf(features);
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

    public bool IsTls => Listener.Tls is not null;

    public string Scheme => IsTls ? "https" : "http";
}
