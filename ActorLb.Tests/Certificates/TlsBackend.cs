using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLb.Tests.Certificates;

/// <summary>A backend that speaks TLS and answers each request with what its handshake brought: the name asked for and the client's certificate.</summary>
internal sealed class TlsBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslServerAuthenticationOptions _options;
    private readonly Task _accepting;

    public TlsBackend(X509Certificate2 certificate, string issuers, bool asksForCertificate = false)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(issuers);
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            ClientCertificateRequired = asksForCertificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => !asksForCertificate || shown is not null,
        };
        _listener.Start();
        Address = new Uri($"https://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(_options);
                byte[] buffer = new byte[16 * 1024];
                string body = $"{tls.TargetHostName}|{tls.RemoteCertificate?.Subject}";
                while (await tls.ReadAsync(buffer) > 0)
                {
                    await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The balancer refused it.
            }
        }
    }
}
