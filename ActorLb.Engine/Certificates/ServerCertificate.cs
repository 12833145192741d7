using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// One certificate that a listener shows, with the chain that stands beside it, so that clients need to know the root alone. Follows
/// its files. Any thread.
/// </summary>
internal sealed class ServerCertificate : IFollowsFiles
{
    private readonly CertificateSettings _settings;
    private readonly Action _changed;
    private volatile Material _now;

    /// <param name="key">Of the configuration, below actorlb.</param>
    /// <param name="changed">It was loaded again.</param>
    /// <exception cref="CertificateFileException">It cannot be used; the message has the key of the configuration.</exception>
    public ServerCertificate(CertificateSettings settings, string key, Action changed)
    {
        _settings = settings;
        _changed = changed;
        Key = key;
        Files = settings.Key.Length > 0 ? [settings.Certificate, settings.Key] : [settings.Certificate];
        try
        {
            _now = Read();
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(e.Part, $"{key}.{e.Part.ToString().ToLowerInvariant()}: {e.Message}");
        }
    }

    public string Key { get; }

    public IReadOnlyList<string> Files { get; }

    public string Loaded => _now.Content;

    public SslStreamCertificateContext Context => _now.Context;

    /// <summary>The DNS names that it bears.</summary>
    public IReadOnlyList<string> DnsNames => _now.DnsNames;

    public DateTimeOffset Expires => _now.Expires;

    public string Description
    {
        get
        {
            Material now = _now;
            return DescriptionOf(now.Subject, now.Expires);
        }
    }

    /// <summary>Of any certificate of ours, for people.</summary>
    public static string DescriptionOf(string subject, DateTimeOffset expires) =>
        string.Create(CultureInfo.InvariantCulture, $"{subject}, valid until {expires:yyyy-MM-dd HH:mm'Z'}");

    /// <summary>By which a certificate is told from all others.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public CertificateInUse InUse
    {
        get
        {
            Material now = _now;
            return new CertificateInUse(Key, now.Content, DescriptionOf(now.Subject, now.Expires), now.Expires) { Begins = now.Begins, Fingerprint = now.Fingerprint };
        }
    }

    public void Load()
    {
        _now = Read();
        _changed();
    }

    // What was there before is not disposed: handshakes may be using it.
    private Material Read()
    {
        var contents = new List<string>();
        LoadedCertificate loaded = CertificateStore.Noting(contents).Load(_settings);
        return new Material(
            loaded.Context(), loaded.DnsNames, string.Join('|', contents), loaded.Leaf.Subject, loaded.Leaf.NotBefore.ToUniversalTime(), loaded.Leaf.NotAfter.ToUniversalTime(),
            FingerprintOf(loaded.Leaf));
    }

    private sealed record Material(
        SslStreamCertificateContext Context, IReadOnlyList<string> DnsNames, string Content, string Subject, DateTimeOffset Begins, DateTimeOffset Expires, string Fingerprint);
}
