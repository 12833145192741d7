using System.Net.Security;
using System.Security.Authentication;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// How a listener shakes hands: which certificate a client gets by the name that it asks for, by which versions of TLS, and what
/// it has to show itself. Certificates and roots follow their files, each for itself; a handshake takes what is there when it begins. Any thread.
/// </summary>
internal sealed class ListenerTls
{
    private readonly ListenerTlsSettings _settings;
    private readonly string _key;
    private readonly List<SslApplicationProtocol> _protocols;
    private readonly SslProtocols _versions;
    private readonly ServerCertificate[] _certificates;
    private readonly ClientRoots? _roots;
    private readonly TimeProvider _time;
    private readonly Lock _change = new();
    private volatile ServerNames<SslStreamCertificateContext> _now;

    /// <exception cref="CertificateFileException">A file cannot be used; the message has the key of the configuration.</exception>
    public ListenerTls(ListenerSettings listener, TimeProvider time)
    {
        _settings = listener.Tls!;
        _key = $"listeners.{listener.Name}.tls";
        _protocols = listener.Http2 == ListenerHttp2.On ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11];
        _versions = _settings.MinVersion == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
        bool isOne = _settings.Certificates.Length == 1;
        _certificates = [.. _settings.Certificates.Select((c, i) => new ServerCertificate(c, isOne ? _key : $"{_key}.certificates[{i}]", OnLoaded))];
        _roots = _settings.ClientCertificate == ClientCertificateUse.None ? null : new ClientRoots(_settings.ClientRoots, $"{_key}.client-roots");
        _time = time;
        _now = Names();
    }

    public IEnumerable<IFollowsFiles> Followed => _roots is null ? _certificates : [.. _certificates, _roots];

    public IEnumerable<CertificateInUse> InUse => _certificates.Select(c => c.InUse);

    /// <summary>Clients may, or have to, show a certificate.</summary>
    public bool AsksForCertificates => _roots is not null;

    /// <summary>When the first of its certificates does.</summary>
    public DateTimeOffset Expires => _certificates.Min(c => c.Expires);

    /// <summary>What a handshake that begins now goes by.</summary>
    /// <param name="serverName">That the client asks for; null or empty: it does not say.</param>
    /// <param name="refused">Hears why the client's certificate was refused.</param>
    public SslServerAuthenticationOptions OptionsFor(string? serverName, Action<string> refused)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _now.Of(serverName),
            ApplicationProtocols = _protocols,
            EnabledSslProtocols = _versions,
        };
        ClientVerification.Ask(options, _settings.ClientCertificate, _roots?.Roots ?? [], _time, refused);
        return options;
    }

    /// <summary>The same for QUIC, which has TLS 1.3 in it.</summary>
    /// <inheritdoc cref="OptionsFor"/>
    public SslServerAuthenticationOptions QuicOptionsFor(string? serverName, Action<string> refused)
    {
        SslServerAuthenticationOptions options = OptionsFor(serverName, refused);
        options.ApplicationProtocols = [SslApplicationProtocol.Http3];
        options.EnabledSslProtocols = SslProtocols.Tls13;
        return options;
    }

    /// <summary>Whether a handshake by the other is the same now.</summary>
    public bool IsSame(ListenerTls other) =>
        other._settings == _settings
        && other._key == _key
        && other._protocols.SequenceEqual(_protocols)
        && other.Followed.Select(f => f.Loaded).SequenceEqual(Followed.Select(f => f.Loaded));

    private void OnLoaded()
    {
        lock (_change)
        {
            _now = Names();
        }
    }

    private ServerNames<SslStreamCertificateContext> Names() => new([.. _certificates.Select(c => (c.Context, c.DnsNames))]);
}
