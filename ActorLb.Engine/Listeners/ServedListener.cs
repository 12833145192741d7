using ActorLb.Engine.Certificates;
using ActorLb.Engine.Filters;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// A listener as it is served from one change to the next: each connection keeps the one that it was accepted by. Immutable,
/// but for its certificates, which follow their files.
/// </summary>
/// <param name="Engine">Which lane accepts.</param>
/// <param name="Tls">Null without TLS.</param>
/// <param name="Connections">Where those of its name are counted.</param>
internal sealed record ServedListener(
    ListenerSettings Settings,
    ListenSocket Socket,
    ListenerEngine Engine,
    ListenerTls? Tls,
    ListenerConnections Connections)
{
    /// <summary>Null: plain requests are served.</summary>
    public HttpsRedirect? HttpsRedirect { get; } = HttpsRedirect.Of(Settings);

    /// <summary>What its answers say of it; null: nothing.</summary>
    public ListenerFields? Fields { get; } = ListenerFields.Of(Settings, PortOfHttp3(Settings, Socket));

    /// <summary>Its clients can come by HTTP/3.</summary>
    public bool ServesHttp3 => Settings.Http3 is not null && QuicSupport.IsThere;

    /// <summary>What is accepted by it is served as it would be by the other.</summary>
    public bool IsSame(ListenerSettings settings, ListenSocket socket, ListenerEngine engine, ListenerTls? tls) =>
        Engine == engine
        && ReferenceEquals(Socket, socket)
        && ReferenceEquals(Tls, tls)
        && settings with { Bind = Settings.Bind } == Settings
        && settings.Bind.Port == Settings.Bind.Port;

    private static int PortOfHttp3(ListenerSettings settings, ListenSocket socket) =>
        settings.Http3 is not { } http3 || !QuicSupport.IsThere ? 0
        : http3.AnnouncedPort > 0 ? http3.AnnouncedPort : socket.Local.Port;

    /// <summary>One of two that are alike is not the other.</summary>
    public bool Equals(ServedListener? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
