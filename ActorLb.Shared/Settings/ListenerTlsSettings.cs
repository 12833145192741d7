namespace ActorLb.Shared.Settings;

/// <summary>TLS towards the clients of a listener.</summary>
/// <param name="Certificates">One at least. A client gets the first that bears the name it asks for, and else the first.</param>
public sealed record ListenerTlsSettings(EquatableArray<CertificateSettings> Certificates)
{
    public ListenerTlsSettings(CertificateSettings certificate)
        : this([certificate])
    {
    }

    /// <summary>The oldest version that a client may speak.</summary>
    public TlsVersion MinVersion { get; init; }

    public ClientCertificateUse ClientCertificate { get; init; }

    /// <summary>PEM file of the roots whose client certificates are good; empty where none is asked for.</summary>
    public string ClientRoots { get; init; } = "";
}

/// <summary>A version of TLS.</summary>
public enum TlsVersion
{
    Tls12,
    Tls13,
}
