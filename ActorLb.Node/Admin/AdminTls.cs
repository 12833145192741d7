using System.Net;
using ActorLb.Engine;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>TLS of the admin API: its certificate, which follows its files, and who hears of clients whose certificates are refused.</summary>
internal sealed class AdminTls : IDisposable
{
    private readonly AdminCertificate _certificate;
    private readonly CertificateWatch _watch;
    private readonly AuditLog _audit;

    /// <exception cref="CertificateFileException">A file cannot be used.</exception>
    public AdminTls(AdminTlsSettings settings, AuditLog audit, DataPlane plane, ILogger logger)
    {
        _certificate = new AdminCertificate(settings, plane.Time);
        _watch = new CertificateWatch(() => [_certificate], logger, plane.Steady);
        _audit = audit;
    }

    public CertificateInUse InUse => _certificate.InUse;

    public DateTimeOffset Expires => _certificate.Expires;

    public IReadOnlyList<CertificateProblem> Problems => _watch.Problems;

    /// <summary>Follows the files from now on.</summary>
    public void Start() => _watch.Start();

    public void Dispose() => _watch.Dispose();

    public void Use(ListenOptions listen, TimeSpan handshakeTimeout) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = handshakeTimeout,
        OnConnection = context =>
        {
            IPAddress address = (context.Connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            return new(_certificate.OptionsFor(why => _audit.RefusedCertificate(address, why)));
        },
    });
}
