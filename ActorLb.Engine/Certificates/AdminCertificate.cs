using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// How the admin API shakes hands: its certificate with the chain that stands beside it, and whose client certificates are good. Follows
/// its files; a handshake takes what is there when it begins. Nothing is fetched while a certificate is verified. Any thread.
/// </summary>
public sealed class AdminCertificate : IFollowsFiles
{
    private readonly AdminTlsSettings _settings;
    private readonly TimeProvider _time;
    private volatile Material _now;

    /// <exception cref="CertificateFileException">A file cannot be used; the message has the key of the configuration.</exception>
    public AdminCertificate(AdminTlsSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        Files = [settings.Certificate.Certificate, .. ((string[])[settings.Certificate.Key, settings.ClientRoots]).Where(f => f.Length > 0)];
        try
        {
            _now = Read();
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(e.Part, $"{Key}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public string Key => "admin.tls";

    /// <inheritdoc/>
    public IReadOnlyList<string> Files { get; }

    /// <inheritdoc/>
    public string Loaded => _now.Content;

    /// <inheritdoc/>
    public string Description => InUse.Description;

    public CertificateInUse InUse
    {
        get
        {
            Material now = _now;
            return new CertificateInUse(Key, now.Content, ServerCertificate.DescriptionOf(now.Subject, now.Expires), now.Expires) { Begins = now.Begins, Fingerprint = now.Fingerprint };
        }
    }

    public DateTimeOffset Expires => _now.Expires;

    /// <inheritdoc/>
    public void Load() => _now = Read();

    /// <summary>What a handshake that begins now goes by.</summary>
    /// <param name="refused">Hears why the client's certificate was refused.</param>
    public SslServerAuthenticationOptions OptionsFor(Action<string> refused)
    {
        Material now = _now;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = now.Context,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        ClientVerification.Ask(options, _settings.ClientCertificate, now.Roots, _time, refused);
        return options;
    }

    // What was there before is not disposed: handshakes may be using it.
    private Material Read()
    {
        var contents = new List<string>();
        CertificateStore store = CertificateStore.Noting(contents);
        LoadedCertificate own = store.Load(_settings.Certificate);
        X509Certificate2Collection roots = _settings.ClientRoots.Length > 0 ? store.LoadRoots(_settings.ClientRoots) : [];
        return new Material(
            own.Context(), roots, string.Join('|', contents), own.Leaf.Subject, own.Leaf.NotBefore.ToUniversalTime(), own.Leaf.NotAfter.ToUniversalTime(), ServerCertificate.FingerprintOf(own.Leaf));
    }

    private sealed record Material(
        SslStreamCertificateContext Context, X509Certificate2Collection Roots, string Content, string Subject, DateTimeOffset Begins, DateTimeOffset Expires, string Fingerprint);
}
