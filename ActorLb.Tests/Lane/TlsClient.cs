using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>A client that shakes hands as a test says, and believes whoever answers.</summary>
internal sealed class TlsClient : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };

    private TlsClient()
    {
    }

    public SslStream Stream { get; private set; } = null!;

    /// <summary>Of the certificate that it was shown.</summary>
    public string Subject => Stream.RemoteCertificate!.Subject;

    /// <param name="name">Asked for in SNI; empty: nothing is.</param>
    /// <param name="own">Shown where it is asked for, with the issuers beside it; null: none is.</param>
    public static async Task<TlsClient> ConnectAsync(
        IPEndPoint lane, string name = "any.example", SslProtocols versions = SslProtocols.None, X509Certificate2? own = null, string? protocol = null)
    {
        var client = new TlsClient();
        try
        {
            await client._client.ConnectAsync(lane);
            client.Stream = new SslStream(client._client.GetStream());
            await client.Stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = versions,
                ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
                ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            });
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Asks on a connection of its own; all that came back until its end.</summary>
    public async Task<string> AskAsync(string request)
    {
        await Stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var all = new MemoryStream();
        await Stream.CopyToAsync(all, limit.Token);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public void Dispose()
    {
        Stream?.Dispose();
        _client.Dispose();
    }
}
