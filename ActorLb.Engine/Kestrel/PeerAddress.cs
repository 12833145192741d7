using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>The address of a client's connection.</summary>
internal static class PeerAddress
{
    public static IPAddress Of(IFeatureCollection features)
    {
        IPAddress peer = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress ?? IPAddress.None;
        return peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
    }

    public static IPAddress Of(BaseConnectionContext connection)
    {
        IPAddress peer = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        return peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
    }
}
