namespace ActorLb.Shared.Settings;

/// <summary>TLS of the admin API.</summary>
/// <param name="ClientRoots">PEM file of the roots whose client certificates are good; empty where none is asked for.</param>
public sealed record AdminTlsSettings(CertificateSettings Certificate, ClientCertificateUse ClientCertificate, string ClientRoots);
