using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// A listener as it is served from one change to the next: each connection keeps the one that it was accepted by. Immutable,
/// but for the certificate, which follows its files.
/// </summary>
/// <param name="Engine">Which lane accepts.</param>
/// <param name="Certificate">Null without TLS.</param>
/// <param name="Connections">Where those of its name are counted.</param>
internal sealed record ServedListener(
    ListenerSettings Settings,
    ListenSocket Socket,
    ListenerEngine Engine,
    ListenerCertificate? Certificate,
    ListenerConnections Connections)
{
    /// <summary>What is accepted by it is served as it would be by the other.</summary>
    public bool IsSame(ListenerSettings settings, ListenSocket socket, ListenerEngine engine, ListenerCertificate? certificate) =>
        Engine == engine
        && ReferenceEquals(Socket, socket)
        && ReferenceEquals(Certificate, certificate)
        && settings with { Bind = Settings.Bind } == Settings
        && settings.Bind.Port == Settings.Bind.Port;

    /// <summary>One of two that are alike is not the other.</summary>
    public bool Equals(ServedListener? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
