using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// TLS towards the https backends of one pool: the only place that says what is asked for and what is believed, for
/// requests and probes alike. Nothing is fetched while a certificate is verified, neither issuers nor revocations: the
/// data plane would wait for strangers. Follows its files; a handshake takes what is there when it begins. Any thread.
/// </summary>
public sealed class BackendTls : IFollowsFiles
{
    private static readonly System.Security.Cryptography.Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly BackendTlsSettings _settings;
    private readonly TimeProvider _time;
    private volatile Material _now;

    /// <param name="pool">Whose it is: messages name its keys. Empty: they name the files alone.</param>
    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTls(BackendTlsSettings settings, TimeProvider time, string pool = "")
    {
        _settings = settings;
        _time = time;
        Key = $"pools.{pool}.tls";
        Files = FilesOf(settings);
        try
        {
            _now = Read();
        }
        catch (CertificateFileException e) when (pool.Length > 0)
        {
            throw new CertificateFileException(e.Part, $"{Key}: {e.Message}");
        }
    }

    /// <summary>Whether it has a certificate of ours to show.</summary>
    public bool ShowsCertificate => _settings.ClientCertificate is not null;

    /// <summary>What it shows; null: it has none.</summary>
    public CertificateInUse? InUse => _now.Shown;

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Files { get; }

    /// <inheritdoc/>
    public string Loaded => _now.Content;

    /// <inheritdoc/>
    public string Description => string.Join(", ", Files);

    /// <inheritdoc/>
    public void Load() => _now = Read();

    /// <summary>Shakes hands on a connection that was just made. The connection is closed where it fails.</summary>
    /// <param name="backend">Its address as it is configured.</param>
    /// <param name="protocol">That is to be spoken; a server that does not offer HTTP/2 where that is wanted is refused.</param>
    /// <exception cref="BackendCertificateException">The backend's certificate was refused; the message says why.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed otherwise.</exception>
    /// <exception cref="IOException">The backend closed the connection.</exception>
    public async ValueTask<SslStream> AuthenticateAsync(Stream connection, Uri backend, BackendProtocol protocol, CancellationToken cancellation)
    {
        string? refusal = null;
        SslClientAuthenticationOptions options = OptionsFor(backend, why => refusal = why);
        options.ApplicationProtocols = protocol == BackendProtocol.Http2 ? [SslApplicationProtocol.Http2] : null;
        var tls = new SslStream(connection);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return protocol == BackendProtocol.Http1 || tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? tls
                : throw new System.Security.Authentication.AuthenticationException("the backend does not offer HTTP/2 (ALPN h2)");
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (refusal is not null && e is not OperationCanceledException)
            {
                throw new BackendCertificateException(refusal);
            }

            throw;
        }
    }

    /// <summary>Whether what is asked for and believed is the same now.</summary>
    internal bool IsSame(BackendTls other) => other._settings == _settings && other.Key == Key && other.Loaded == Loaded;

    private static string[] FilesOf(BackendTlsSettings settings)
    {
        var files = new List<string>();
        if (settings.Roots.Length > 0)
        {
            files.Add(settings.Roots);
        }

        if (settings.ClientCertificate is { } own)
        {
            files.Add(own.Certificate);
            if (own.Key.Length > 0)
            {
                files.Add(own.Key);
            }
        }

        return [.. files];
    }

    // What was there before is not disposed: handshakes may be using it.
    private Material Read()
    {
        var contents = new List<string>();
        CertificateStore store = CertificateStore.Noting(contents);
        X509Certificate2Collection? roots = _settings.Roots.Length > 0 ? store.LoadRoots(_settings.Roots) : null;
        LoadedCertificate? own = _settings.ClientCertificate is { } certificate ? store.Load(certificate) : null;
        string content = string.Join('|', contents);
        return new Material(roots, own?.Context(), content, own is null ? null : InUseOf(own, content));
    }

    private CertificateInUse InUseOf(LoadedCertificate own, string content)
    {
        DateTimeOffset expires = own.Leaf.NotAfter.ToUniversalTime();
        return new CertificateInUse(Key, content, ServerCertificate.DescriptionOf(own.Leaf.Subject, expires), expires)
        {
            Begins = own.Leaf.NotBefore.ToUniversalTime(),
            Fingerprint = ServerCertificate.FingerprintOf(own.Leaf),
        };
    }

    private string NameOf(Uri backend) =>
        _settings.ServerName.Length > 0 ? _settings.ServerName : backend.IdnHost.Trim('[', ']');

    /// <summary>What a handshake that begins now goes by, for who makes it himself.</summary>
    /// <param name="refuse">Hears why the server's certificate was refused.</param>
    public SslClientAuthenticationOptions OptionsFor(Uri backend, Action<string> refuse)
    {
        string name = NameOf(backend);
        Material now = _now;
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            TrustMode = now.Roots is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
        };
        policy.ApplicationPolicy.Add(ServerAuthentication);
        policy.CustomTrustStore.AddRange(now.Roots ?? []);
        return new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ClientCertificateContext = now.Own,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (errors == SslPolicyErrors.None || !_settings.Verify)
                {
                    return true;
                }

                refuse(CertificateRefusal.Describe(certificate as X509Certificate2, chain, errors, name, _time.GetUtcNow()));
                return false;
            },
        };
    }

    private sealed record Material(X509Certificate2Collection? Roots, SslStreamCertificateContext? Own, string Content, CertificateInUse? Shown);
}
