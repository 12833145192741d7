using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>Loads a listener's certificate: PEM where a key file is named, PKCS#12 otherwise.</summary>
internal static class ListenerCertificates
{
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file is damaged, or the password wrong.</exception>
    public static X509Certificate2 Load(ListenerTlsSettings tls)
    {
        string? password = tls.Password.Length > 0 ? tls.Password : null;
        if (tls.Key.Length == 0)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(tls.Certificate, password);
        }

        return password is null
            ? X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key)
            : X509Certificate2.CreateFromEncryptedPemFile(tls.Certificate, password, tls.Key);
    }
}
