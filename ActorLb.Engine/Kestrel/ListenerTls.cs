using System.Net.Security;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ActorLb.Engine.Kestrel;

/// <summary>How a listener shakes hands: its certificate with the chain that stands beside it, so that clients need to know the root alone.</summary>
internal sealed class ListenerTls : IDisposable
{
    private readonly LoadedCertificate _certificate;
    private readonly SslServerAuthenticationOptions _handshake;

    /// <exception cref="CertificateFileException">Its certificate cannot be used.</exception>
    public ListenerTls(ListenerTlsSettings settings, bool http2)
    {
        _certificate = CertificateStore.OfFiles.Load(settings.Certificate);
        _handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate.Context(),
            ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
        };
    }

    /// <param name="timeout">Of a handshake; zero: no limit.</param>
    public TlsHandshakeCallbackOptions Options(TimeSpan timeout) => new()
    {
        OnConnection = _ => new(_handshake),
        HandshakeTimeout = timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _certificate.Dispose();
}
