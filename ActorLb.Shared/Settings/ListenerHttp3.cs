namespace ActorLb.Shared.Settings;

/// <summary>HTTP/3 of a listener with TLS, by UDP at the port of the same number (RFC 9114).</summary>
/// <param name="AnnouncedPort">The port at which clients are told to come by it; 0: the listener's own.</param>
public sealed record ListenerHttp3(int AnnouncedPort);
