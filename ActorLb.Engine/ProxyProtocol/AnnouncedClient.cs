using System.Net;

namespace ActorLb.Engine.ProxyProtocol;

/// <summary>Whom a proxy says that it brings.</summary>
/// <param name="Source">The client's own address and port.</param>
/// <param name="Destination">Where the client connected to.</param>
/// <param name="IsTls">The client speaks TLS to the proxy.</param>
internal sealed record AnnouncedClient(IPEndPoint Source, IPEndPoint Destination, bool IsTls);
