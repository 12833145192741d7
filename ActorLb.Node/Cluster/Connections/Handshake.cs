using System.Net.Security;
using System.Security.Authentication;
using ActorLb.Node.Cluster.Identity;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// Mutual TLS on a new connection, where this node has an identity; else the connection as it is. The socket stays its caller's: a peer sees that it
/// was refused when all has been done about it.
/// </summary>
internal static class Handshake
{
    private const int TlsHandshakeRecord = 0x16;

    /// <summary>For the side that took the connection.</summary>
    /// <exception cref="PeerRefusedException">The peer is none of us, or takes us for none.</exception>
    public static Task<Stream> AcceptAsync(ProofStream connection, NodeIdentity? identity, CancellationToken cancellation) =>
        ShakeAsync(connection, identity, (tls, told) => tls.AuthenticateAsServerAsync(identity!.Accepting(told), cancellation));

    /// <summary>For the side that connected.</summary>
    /// <inheritdoc cref="AcceptAsync"/>
    public static Task<Stream> ConnectAsync(ProofStream connection, NodeIdentity? identity, CancellationToken cancellation) =>
        ShakeAsync(connection, identity, (tls, told) => tls.AuthenticateAsClientAsync(identity!.Connecting(told), cancellation));

    private static async Task<Stream> ShakeAsync(
        ProofStream connection, NodeIdentity? identity, Func<SslStream, Action<string>, Task> shake)
    {
        if (identity is null)
        {
            return connection;
        }

        string? refusal = null;
        var tls = new SslStream(connection, leaveInnerStreamOpen: true);
        try
        {
            await shake(tls, why => refusal = why);
            return tls;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw new PeerRefusedException(refusal ?? Why(connection, identity, e), e) { IsCertain = refusal is not null || e is not IOException };
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    // What came first tells whether the other side speaks TLS at all; an alert says that it does not want us.
    private static string Why(ProofStream connection, NodeIdentity identity, Exception e) => connection.FirstByte switch
    {
        < 0 => $"it ended the connection in the TLS handshake: it may have no cluster {identity.Proof}, or another one",
        not TlsHandshakeRecord and not 0x15 => $"it does not speak TLS, so it has no cluster {identity.Proof}",
        _ when e is IOException || e.InnerException?.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) == true =>
            $"it ended the TLS handshake: it does not accept this node's {identity.Proof}",
        _ => $"its TLS handshake failed: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}",
    };
}
