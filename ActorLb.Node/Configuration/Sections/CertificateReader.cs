using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Keys that name certificates. What they name is opened: a file that cannot be used is a mistake at its key.</summary>
internal static class CertificateReader
{
    /// <summary>The certificate's file, its key's and their password.</summary>
    /// <param name="Switch">What says whether they are used.</param>
    /// <param name="Key">Null where the certificate's file holds the key in any case. It may be left out, as the password may.</param>
    public readonly record struct Keys(ConfigurationCursor Certificate, ConfigurationCursor? Key, ConfigurationCursor Password, ConfigurationCursor? Switch = null);

    /// <param name="use">Who uses it; null where nobody does, and then what is named is only warned of.</param>
    /// <param name="complete">Whether it must be whole here; defaults may leave parts to those that they are for.</param>
    /// <param name="opened">Called with what was opened and can be used.</param>
    public static CertificateSettings Read(
        Keys keys, string? use, bool required, bool complete, ConfigurationEnvironment environment, Action<CertificateSettings, LoadedCertificate>? opened = null)
    {
        var settings = new CertificateSettings(
            keys.Certificate.Text("the path of a file") ?? "",
            Optional(keys.Key, "the path of a file"),
            Optional(keys.Password, "a text, empty for none"));
        if (use is null && keys.Switch is { IsWrong: true })
        {
            // Whether TLS is wanted is not known.
        }
        else if (use is null)
        {
            WarnOfUnused(keys.Certificate, settings.Certificate);
            if (keys.Key is { } unused)
            {
                WarnOfUnused(unused, settings.Key);
            }
        }
        else if (settings.Certificate.Length == 0)
        {
            if (required && complete)
            {
                keys.Certificate.Complain("TLS is enabled without a certificate", "the path of a PFX or PEM file");
            }
            else if (complete && settings.Key.Length > 0)
            {
                keys.Certificate.Complain("there is a key, and no certificate", "the path of a PEM file with the certificate");
            }
        }
        else if (complete)
        {
            Open(keys, settings, environment, opened);
        }

        return settings;
    }

    private static string Optional(ConfigurationCursor? key, string expected) => key is { Exists: true } ? key.Text(expected) ?? "" : "";

    /// <summary>A PEM file of roots; empty: none is named.</summary>
    public static string ReadRoots(ConfigurationCursor key, bool complete, ConfigurationEnvironment environment)
    {
        string file = key.Text("the path of a file") ?? "";
        if (file.Length > 0 && complete)
        {
            try
            {
                foreach (X509Certificate2 root in new CertificateStore(environment.ReadFile).LoadRoots(file))
                {
                    WarnOfTime(key, root, $"a root in '{file}'", environment);
                    root.Dispose();
                }
            }
            catch (CertificateFileException e)
            {
                key.Complain(e.Message, "a PEM file of certificates that this process may read");
            }
        }

        return file;
    }

    private static void WarnOfUnused(ConfigurationCursor key, string file)
    {
        if (file.Length > 0)
        {
            key.Warn("this is not used, because TLS is not enabled", "set enabled = true beside it, or leave it out");
        }
    }

    private static void Open(
        Keys keys, CertificateSettings settings, ConfigurationEnvironment environment, Action<CertificateSettings, LoadedCertificate>? opened)
    {
        try
        {
            using LoadedCertificate loaded = new CertificateStore(environment.ReadFile).Load(settings);
            WarnOfTime(keys.Certificate, loaded.Leaf, $"the certificate in '{settings.Certificate}'", environment);
            WarnOfMissingIssuer(keys.Certificate, loaded, settings.Certificate);
            foreach (X509Certificate2 issuer in loaded.Issuers)
            {
                WarnOfTime(keys.Certificate, issuer, $"an issuer in '{settings.Certificate}'", environment);
            }

            opened?.Invoke(settings, loaded);
        }
        catch (CertificateFileException e)
        {
            switch (e.Part)
            {
                case CertificatePart.Password:
                    keys.Password.Complain(e.Message, "the file's password, best as ${NAME} from the environment");
                    break;
                case CertificatePart.Key when keys.Key is { } key:
                    key.Complain(e.Message, "a PEM file with the certificate's own key, or \"\" where the certificate's file holds it");
                    break;
                default:
                    keys.Certificate.Complain(e.Message, "a PFX or PEM file that this process may read");
                    break;
            }
        }
    }

    // What a client cannot build is a chain from this certificate to a root that it knows.
    private static void WarnOfMissingIssuer(ConfigurationCursor key, LoadedCertificate loaded, string file)
    {
        ReadOnlySpan<byte> issuer = loaded.Leaf.IssuerName.RawData;
        if (issuer.SequenceEqual(loaded.Leaf.SubjectName.RawData))
        {
            return;
        }

        foreach (X509Certificate2 other in loaded.Issuers)
        {
            if (issuer.SequenceEqual(other.SubjectName.RawData))
            {
                return;
            }
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.Build(loaded.Leaf);
        if (chain.ChainElements.Count == 1)
        {
            key.Warn(
                $"'{file}' does not hold the issuer of its certificate ({loaded.Leaf.Issuer}), and this system knows none: clients that do not know it either refuse the certificate",
                "append the issuer's certificate, unless it is a root that all clients have");
        }
    }

    private static void WarnOfTime(ConfigurationCursor key, X509Certificate2 certificate, string what, ConfigurationEnvironment environment)
    {
        DateTime now = environment.Time.GetLocalNow().DateTime;
        if (certificate.NotAfter < now)
        {
            key.Warn($"{what} expired on {Moment(certificate.NotAfter)}", "clients will refuse it: renew it");
        }
        else if (certificate.NotBefore > now)
        {
            key.Warn($"{what} is not valid before {Moment(certificate.NotBefore)}", "clients will refuse it until then: look at this machine's clock too");
        }
    }

    private static string Moment(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
