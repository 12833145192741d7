using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// Connections between nodes, for Akka's remoting: TCP, with mutual TLS where the node has an identity. It speaks as Akka's
/// own transport does on the wire, and differs in what it lets in. Akka makes it by its name in hocon/akka.conf.
/// </summary>
internal sealed class NodeTransport : Transport
{
    /// <summary>Large frames that are not whole, of all who speak in the clear: 16 of the largest.</summary>
    private const long UnfinishedBytesMax = 64L << 20;

    /// <summary>Connections of those who speak in the clear: 30 nodes on this machine. Descriptors are kept back for as many.</summary>
    private const int ClearMax = 64;

    /// <summary>So often a peer may end the connection without a reason that can be seen, until it is told.</summary>
    private const int UnheardMax = 3;

    private readonly ConnectionSetup _setup;
    private readonly string _host;
    private readonly int _port;
    private readonly TimeSpan _connectTime;
    private readonly UnfinishedFrames? _unfinished;
    private readonly TaskCompletionSource<IAssociationEventListener> _associations = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<NodeConnection, bool> _connections = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<HostPort, int> _unheard = new();
    private NodeListener? _listener;
    private Address? _address;

    public NodeTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _setup = ConnectionSetup.Of(system);
        SchemeIdentifier = SchemeOf(_setup.Identity is not null);
        MaximumPayloadBytes = config.GetByteSize("maximum-frame-size")!.Value;
        _host = config.GetString("hostname");
        _port = config.GetInt("port");
        _connectTime = config.GetTimeSpan("connection-timeout");
        _unfinished = _setup.Identity is null ? new UnfinishedFrames(UnfinishedBytesMax) : null;
    }

    /// <summary>What stands before the host in addresses, behind "akka.".</summary>
    public static string SchemeOf(bool isTls) => isTls ? "ssl.tcp" : "tcp";

    /// <summary>HOCON that has an actor system listen there.</summary>
    public static string Listening(string host, int port) =>
        $"akka.remote.nodes {{ hostname = {JsonSerializer.Serialize(host)}, port = {port} }}";

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        NodeListener listener = await NodeListener.BindAsync(
            _host, _port, _setup.Identity, _unfinished, _setup.RefusedPeers, _setup.Time);
        _listener = listener;
        _address = AddressOf(new HostPort(_host, listener.Port));
        _ = StartAsync(listener);
        return (_address, _associations);
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        HostPort to = NodeAddresses.Of(remoteAddress);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        ProofStream? connection = null;
        try
        {
            using var timeout = new CancellationTokenSource(_connectTime, _setup.Time);
            await ConnectAsync(socket, to, timeout.Token);
            SocketOptionsOf.Node(socket);
            connection = new ProofStream(socket, int.MaxValue);
            Stream stream = await Handshake.ConnectAsync(connection, _setup.Identity, timeout.Token);
            connection.Proved();
            return Add(new NodeConnection(
                _address!, remoteAddress, socket, stream, new FrameReader(stream, unfinished: null, _setup.Time), (int)MaximumPayloadBytes, _setup.Time)
            {
                Gone = Remove,
                Refused = why => _setup.RefusedPeers.Report(to.ToString(), why),
                Answered = answered => Heard(to, answered, Unanswered),
            }, first: null);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            socket.Dispose();
            if (e is PeerRefusedException refused)
            {
                Heard(to, answered: false, e.Message, refused.IsCertain);
            }

            throw new InvalidAssociationException($"{remoteAddress} cannot be reached: {e.Message}", e);
        }
    }

    public override async Task<bool> Shutdown()
    {
        _associations.TrySetCanceled();
        if (_listener is { } listener)
        {
            await listener.DisposeAsync();
        }

        await Task.WhenAll(_connections.Keys.Select(c => c.CloseAsync()));
        return true;
    }

    // Connections are taken once Akka asks for them; until then they wait in the system's queue.
    private async Task StartAsync(NodeListener listener)
    {
        try
        {
            IAssociationEventListener associations = await _associations.Task;
            listener.Start(proved => Take(proved, associations));
        }
        catch (OperationCanceledException)
        {
            // Shut down before.
        }
    }

    private void Take(NodeListener.Proved proved, IAssociationEventListener associations)
    {
        if (_setup.Identity is null && _connections.Count >= ClearMax)
        {
            _setup.RefusedPeers.Report(proved.Peer.Address, $"there are {ClearMax} connections already, and neither cluster.secrets nor cluster.tls");
            proved.Frames.Dispose();
            proved.Stream.Dispose();
            proved.Socket.Dispose();
            return;
        }

        var remote = AddressOf(new HostPort(proved.Peer.Address.ToString(), proved.Peer.Port));
        var connection = new NodeConnection(
            _address!, remote, proved.Socket, proved.Stream, proved.Frames, (int)MaximumPayloadBytes, _setup.Time)
        {
            Gone = Remove,
            Refused = why => _setup.RefusedPeers.Report(proved.Peer.Address, why),
        };
        associations.Notify(new InboundAssociation(Add(connection, proved.First)));
    }

    private NodeConnection Add(NodeConnection connection, Google.Protobuf.ByteString? first)
    {
        _connections[connection] = true;
        connection.Start(first);
        return connection;
    }

    private void Remove(NodeConnection connection) => _connections.TryRemove(connection, out _);

    private string Unanswered => _setup.Identity is { } identity
        ? $"it ended the connection before it answered: it does not accept this node's {identity.Proof}"
        : "it ended the connection before it answered: it may have a cluster secret, and this node has none";

    // Once, it may be a node that ends; again and again it is none of ours.
    private void Heard(HostPort peer, bool answered, string why, bool isCertain = false)
    {
        if (answered)
        {
            _unheard.TryRemove(peer, out _);
        }
        else if (isCertain || _unheard.AddOrUpdate(peer, 1, (_, times) => times + 1) >= UnheardMax)
        {
            _setup.RefusedPeers.Report(peer.ToString(), why);
        }
    }

    private Address AddressOf(HostPort address) => NodeAddresses.ToAkka(address, SchemeIdentifier, System.Name);

    private static async Task ConnectAsync(Socket socket, HostPort to, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(to.Host, out IPAddress? address))
        {
            await socket.ConnectAsync(new IPEndPoint(address, to.Port), cancellation);
        }
        else
        {
            await socket.ConnectAsync(to.Host, to.Port, cancellation);
        }
    }
}
