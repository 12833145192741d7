using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Cluster.Identity;
using Google.Protobuf;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// The cluster's port. Who connects has little and not for long until it has proved to be a node: by TLS where this node
/// has an identity, and in any case by the first frame of Akka's handshake.
/// </summary>
internal sealed class NodeListener : IAsyncDisposable
{
    /// <summary>A node opens two connections to another one; several nodes on one machine more.</summary>
    private const int PerAddressMax = 16;

    /// <summary>Fits into the descriptors that are kept back from clients.</summary>
    private const int UnprovedMax = 64;

    /// <summary>TLS with a long chain of certificates takes 10 KiB, the first frame a few hundred bytes.</summary>
    private const int ProofBytesMax = 64 << 10;

    private const int Backlog = 512;

    /// <summary>A busy machine needs a tenth of a second for it.</summary>
    private static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly NodeIdentity? _identity;
    private readonly UnfinishedFrames? _unfinished;
    private readonly RefusedPeers _refused;
    private readonly TimeProvider _time;
    private readonly UnprovedConnections<Newcomer> _unproved = new(PerAddressMax, UnprovedMax);
    private readonly ProofPace _pace;
    private readonly CancellationTokenSource _closing = new();
    private Task _accepting = Task.CompletedTask;

    private NodeListener(Socket socket, NodeIdentity? identity, UnfinishedFrames? unfinished, RefusedPeers refused, TimeProvider time)
    {
        _socket = socket;
        _identity = identity;
        _unfinished = unfinished;
        _refused = refused;
        _time = time;
        _pace = new ProofPace(time, PerAddressMax);
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Somebody who connected.</summary>
    /// <param name="First">The first frame; it belongs to whoever takes the connection.</param>
    public sealed record Proved(IPEndPoint Peer, Socket Socket, Stream Stream, FrameReader Frames, ByteString First);

    private sealed record Newcomer(Socket Socket);

    public int Port { get; }

    /// <summary>Connections whose peers have not proved to be nodes yet.</summary>
    public int Unproved => _unproved.Count;

    /// <param name="host">A name or an address of this machine.</param>
    /// <exception cref="SocketException">It cannot listen there.</exception>
    public static async Task<NodeListener> BindAsync(
        string host, int port, NodeIdentity? identity, UnfinishedFrames? unfinished, RefusedPeers refused, TimeProvider time) =>
        new(await BoundAsync(host, port, listens: true), identity, unfinished, refused, time);

    /// <summary>The listener's socket.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static async Task<Socket> BoundAsync(string host, int port, bool listens)
    {
        // IPv4 first, as other nodes that look the name up do.
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? one)
            ? [one]
            : [.. (await Dns.GetHostAddressesAsync(host)).OrderBy(a => a.AddressFamily)];
        for (int i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(addresses[i], port));
                if (listens)
                {
                    socket.Listen(Backlog);
                }

                return socket;
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <param name="take">Gets whoever has proved to be a node, and owns the connection then.</param>
    public void Start(Action<Proved> take) => _accepting = AcceptAsync(take);

    /// <summary>Nobody is taken any more; those who have not proved themselves are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _socket.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync(Action<Proved> take)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_closing.Token);
                _ = ProveAsync(new Newcomer(socket), take);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A peer that left at once, or no descriptors, which does not pass by trying again at once.
                await Task.Delay(AcceptPause, _time, CancellationToken.None);
            }
        }
    }

    private async Task ProveAsync(Newcomer newcomer, Action<Proved> take)
    {
        IPEndPoint peer;
        try
        {
            peer = (IPEndPoint)newcomer.Socket.RemoteEndPoint!;
            SocketOptionsOf.Node(newcomer.Socket);
        }
        catch (SocketException)
        {
            newcomer.Socket.Dispose();
            return;
        }

        if (_unproved.Add(peer.Address, newcomer) is { } gone)
        {
            gone.Socket.Dispose();
        }

        try
        {
            // Without an identity nothing is calculated for a stranger.
            if (_identity is not null && _pace.WaitOf(peer.Address) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, _time, _closing.Token);
            }

            if (await ProofAsync(newcomer.Socket, peer) is { } proved)
            {
                _unproved.Remove(newcomer);
                take(proved);
                return;
            }
        }
        catch (PeerRefusedException e)
        {
            _pace.Failed(peer.Address);
            _refused.Report(peer.Address, e.Message);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            if (!_closing.IsCancellationRequested)
            {
                _refused.Report(peer.Address, "it left, or had to make room for others, before it proved to be a node");
            }
        }

        _unproved.Remove(newcomer);
        newcomer.Socket.Dispose();
    }

    // Null where the listener is closing.
    private async Task<Proved?> ProofAsync(Socket socket, IPEndPoint peer)
    {
        using var deadline = new CancellationTokenSource(ProofTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _closing.Token);
        var connection = new ProofStream(socket, ProofBytesMax);
        FrameReader? frames = null;
        try
        {
            Stream stream = await Handshake.AcceptAsync(connection, _identity, either.Token);
            frames = new FrameReader(stream, _unfinished, _time);
            ByteString? first = await frames.ReadAsync(ProofBytesMax, either.Token) is { } frame && AssociationFrame.Is(frame)
                ? ByteString.CopyFrom(frame.Span)
                : null;
            if (first is not null)
            {
                connection.Proved();
                FrameReader owned = frames;
                frames = null;
                return new Proved(peer, socket, stream, owned, first);
            }

            throw new PeerRefusedException("it did not begin with Akka's handshake");
        }
        catch (OperationCanceledException)
        {
            return _closing.IsCancellationRequested
                ? null
                : throw new PeerRefusedException($"it did not prove within {ProofTime.TotalSeconds} s that it is a node");
        }
        finally
        {
            frames?.Dispose();
        }
    }
}
