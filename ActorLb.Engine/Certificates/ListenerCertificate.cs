using System.Globalization;
using System.Net.Security;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// How a listener shakes hands: its certificate with the chain that stands beside it, so that clients need to know the root alone.
/// Follows its files; a handshake takes what is there when it begins. Any thread.
/// </summary>
internal sealed class ListenerCertificate : IFollowsFiles
{
    private readonly CertificateSettings _settings;
    private readonly bool _http2;
    private volatile Handshake _now;

    /// <exception cref="CertificateFileException">Its certificate cannot be used; the message has the key of the configuration.</exception>
    public ListenerCertificate(ListenerSettings listener)
    {
        _settings = listener.Tls!.Certificate;
        _http2 = listener.Http2;
        Key = $"listeners.{listener.Name}.tls";
        Files = _settings.Key.Length > 0 ? [_settings.Certificate, _settings.Key] : [_settings.Certificate];
        try
        {
            _now = Read();
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(e.Part, $"{Key}.{e.Part.ToString().ToLowerInvariant()}: {e.Message}");
        }
    }

    public string Key { get; }

    public IReadOnlyList<string> Files { get; }

    public string Loaded => _now.Content;

    /// <summary>What the next handshake goes by.</summary>
    public SslServerAuthenticationOptions Options => _now.Options;

    public DateTimeOffset Expires => _now.Expires;

    public string Description =>
        string.Create(CultureInfo.InvariantCulture, $"{_now.Subject}, valid until {_now.Expires:yyyy-MM-dd HH:mm'Z'}");

    /// <summary>Whether a handshake by the other is the same now.</summary>
    public bool IsSame(ListenerCertificate other) =>
        other._settings == _settings && other._http2 == _http2 && other.Key == Key && other.Loaded == Loaded;

    public void Load() => _now = Read();

    // What was there before is not disposed: handshakes may be using it.
    private Handshake Read()
    {
        var contents = new List<string>();
        LoadedCertificate loaded = new CertificateStore(path =>
        {
            byte[] bytes = CertificateStore.ReadFile(path);
            contents.Add(FileContents.HashOf(bytes));
            return bytes;
        }).Load(_settings);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = loaded.Context(),
            ApplicationProtocols = _http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
        };
        return new Handshake(options, string.Join('|', contents), loaded.Leaf.Subject, loaded.Leaf.NotAfter.ToUniversalTime());
    }

    private sealed record Handshake(SslServerAuthenticationOptions Options, string Content, string Subject, DateTimeOffset Expires);
}
