using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// TLS towards the https backends of one pool: the only place that says what is asked for and what is believed, for
/// requests and probes alike. Nothing is fetched while a certificate is verified, neither issuers nor revocations: the
/// data plane would wait for strangers. Any thread.
/// </summary>
public sealed class BackendTls : IDisposable
{
    private static readonly System.Security.Cryptography.Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly BackendTlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection? _roots;
    private readonly LoadedCertificate? _own;
    private readonly SslStreamCertificateContext? _ownContext;

    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public BackendTls(BackendTlsSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _roots = settings.Roots.Length > 0 ? CertificateStore.OfFiles.LoadRoots(settings.Roots) : null;
        _own = settings.ClientCertificate is { } own ? CertificateStore.OfFiles.Load(own) : null;
        _ownContext = _own?.Context();
    }

    /// <summary>Shakes hands on a connection that was just made. The connection is closed where it fails.</summary>
    /// <param name="backend">Its address as it is configured.</param>
    /// <exception cref="BackendCertificateException">The backend's certificate was refused; the message says why.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed otherwise.</exception>
    /// <exception cref="IOException">The backend closed the connection.</exception>
    public async ValueTask<SslStream> AuthenticateAsync(Stream connection, Uri backend, CancellationToken cancellation)
    {
        string? refusal = null;
        string name = NameOf(backend);
        SslClientAuthenticationOptions options = Options(name, why => refusal = why);
        var tls = new SslStream(connection);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return tls;
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

    public void Dispose()
    {
        _own?.Dispose();
        foreach (X509Certificate2 root in _roots ?? [])
        {
            root.Dispose();
        }
    }

    private string NameOf(Uri backend) =>
        _settings.ServerName.Length > 0 ? _settings.ServerName : backend.IdnHost.Trim('[', ']');

    private SslClientAuthenticationOptions Options(string name, Action<string> refuse)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            TrustMode = _roots is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
        };
        policy.ApplicationPolicy.Add(ServerAuthentication);
        policy.CustomTrustStore.AddRange(_roots ?? []);
        return new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ClientCertificateContext = _ownContext,
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
}
