using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>client-certificate and client-roots beside a certificate of ours.</summary>
internal static class ClientCertificateReader
{
    /// <param name="enabled">Whether TLS is.</param>
    /// <param name="complete">Whether the roots must be there; defaults may leave them to those that they are for.</param>
    /// <returns>Roots are empty where no certificate is asked for.</returns>
    public static (ClientCertificateUse Use, string Roots) Read(ConfigurationCursor tls, bool enabled, bool complete, ConfigurationEnvironment environment)
    {
        ConfigurationCursor useKey = tls["client-certificate"];
        ClientCertificateUse use = useKey.Choice(
            ("none", ClientCertificateUse.None), ("optional", ClientCertificateUse.Optional), ("required", ClientCertificateUse.Required));
        string roots = CertificateReader.ReadRoots(tls["client-roots"], enabled && complete, environment);
        if (enabled && complete && use != ClientCertificateUse.None && roots.Length == 0 && !tls["client-roots"].IsWrong)
        {
            useKey.Complain("nothing says whose certificates are good", "client-roots: a PEM file of the roots that issue them");
        }
        else if (use == ClientCertificateUse.Required && !enabled && !tls["enabled"].IsWrong && complete)
        {
            // Whoever wrote it counts on it.
            useKey.Complain("a certificate is required, and TLS, which asks for it, is not enabled", "enabled = true beside it");
        }
        else if (use != ClientCertificateUse.None && !enabled && !tls["enabled"].IsWrong && complete)
        {
            useKey.Warn("no certificate is asked for, because TLS is not enabled", "set enabled = true beside it, or leave it out");
        }
        else if (use == ClientCertificateUse.None && roots.Length > 0 && complete && !useKey.IsWrong)
        {
            tls["client-roots"].Warn("this is not used, because no certificate is asked for", "set client-certificate = required or optional beside it");
        }

        return (use, use == ClientCertificateUse.None ? "" : roots);
    }
}
