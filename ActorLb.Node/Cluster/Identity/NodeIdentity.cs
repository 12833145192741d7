using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Identity;

/// <summary>
/// What this node shows to others, and which of them it takes for nodes of its cluster. Both sides of a connection show
/// theirs, whichever began it. Immutable; lives as long as the process.
/// </summary>
internal abstract class NodeIdentity(SslStreamCertificateContext own)
{
    /// <summary>What makes a node one of us, as operators call it.</summary>
    public abstract string Proof { get; }

    /// <summary>How what a peer shows is looked at by the system before <see cref="Refusal"/> is asked; never by its own store of roots.</summary>
    /// <param name="peerAccepts">Whether the peer is the side that took the connection.</param>
    protected abstract X509ChainPolicy Policy(bool peerAccepts);

    /// <summary>Why the holder of this certificate's key is none of us; null where it is one.</summary>
    public abstract string? Refusal(X509Certificate2 peer, bool peerAccepts);

    /// <summary>Null where the settings have nodes speak in the clear.</summary>
    /// <exception cref="IdentityException">What the settings name cannot be used.</exception>
    public static NodeIdentity? Of(ClusterSettings settings) =>
        settings.Tls is { } tls ? CertificateIdentity.Load(tls)
        : settings.Secrets.IsEmpty ? null
        : new SecretIdentity(settings.Secrets, settings.Name);

    /// <param name="told">Called with what is wrong with the peer where it is refused.</param>
    public SslServerAuthenticationOptions Accepting(Action<string> told) => new()
    {
        ServerCertificateContext = own,
        ClientCertificateRequired = true,
        EnabledSslProtocols = Protocols,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(peerAccepts: false),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTaken(certificate, peerAccepts: false, told),
    };

    /// <inheritdoc cref="Accepting"/>
    public SslClientAuthenticationOptions Connecting(Action<string> told) => new()
    {
        TargetHost = "",
        ClientCertificateContext = own,
        EnabledSslProtocols = Protocols,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(peerAccepts: true),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTaken(certificate, peerAccepts: true, told),
    };

    /// <summary>The protocols are named, because what a machine's own policy allows may be older.</summary>
    private static SslProtocols Protocols => SslProtocols.Tls12 | SslProtocols.Tls13;

    private bool IsTaken(X509Certificate? certificate, bool peerAccepts, Action<string> told)
    {
        string? refusal = certificate is X509Certificate2 peer ? Refusal(peer, peerAccepts) : $"it shows no certificate, so it has no {Proof}";
        if (refusal is not null)
        {
            told(refusal);
        }

        return refusal is null;
    }
}
