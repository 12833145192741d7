namespace ActorLb.Shared.Settings;

/// <summary>TLS towards the https backends of a pool, the same for requests and probes.</summary>
/// <param name="Roots">PEM file of the roots that are trusted, and no others; empty: those of the operating system.</param>
/// <param name="ServerName">The name to ask for (SNI) and to verify; empty: the host of the backend's address.</param>
/// <param name="Verify">Whether the backend's certificate is looked at.</param>
/// <param name="ClientCertificate">Shown to backends that ask for one; null: none.</param>
public sealed record BackendTlsSettings(string Roots, string ServerName, bool Verify, CertificateSettings? ClientCertificate)
{
    public static readonly BackendTlsSettings Default = new("", "", true, null);
}
