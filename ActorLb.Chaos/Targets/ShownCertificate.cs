using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets;

/// <summary>Which certificate a node shows now, by a handshake of our own.</summary>
internal static class ShownCertificate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>Its serial number; null where there is no handshake.</returns>
    public static async Task<string?> SerialAtAsync(NodePlace node, CertificateFiles files)
    {
        string? serial = null;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(node.Secure!.Host, node.Secure.Port, patience.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(files.ForClients(shown => serial = shown), patience.Token);
            return serial;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            return null;
        }
    }
}
