using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Nodes;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Hosting;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.States;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Sessions;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Tests.TicketKeys;

/// <summary>One node with session affinity and a disk in the test's hands, on a loopback port that is its own also after it ended.</summary>
internal sealed class KeyNode : IAsyncDisposable
{
    private readonly ControlPlane _control;
    private SessionCapability _capability = new();

    private KeyNode(NodeSettings settings, DataPlane plane, MemoryDisk disk)
    {
        Plane = plane;
        Disk = disk;
        _control = new ControlPlane(settings, plane, WithSessionsOf, NullLoggerFactory.Instance, TimeProvider.System);
        Desk = new TicketKeyDesk(_control);
    }

    public DataPlane Plane { get; }

    public MemoryDisk Disk { get; }

    public TicketKeyDesk Desk { get; }

    public HostPort Address => _control.Address;

    public SessionCapability Capability => Volatile.Read(ref _capability);

    public int Up => _control.Membership.Active.Length;

    public long WireRefusals => _control.Refusals.Count;

    public TicketKey? Signer => Plane.Keys.Keys is [var first, ..] ? first : null;

    public static async Task<KeyNode> StartAsync(
        string name, KeyNode? join, MemoryDisk? disk = null, DataPlane? plane = null, params TicketKey[] configured)
    {
        NodeSettings settings = SessionWorld.Settings(name);
        PoolSettings pool = settings.Topology.Pools[SessionWorld.Pool];
        settings = settings with
        {
            Cluster = settings.Cluster with { Port = LoopbackPorts.Free("127.0.0.1", 1)[0], Seeds = join is null ? [] : [join.Address] },
            Topology = settings.Topology with
            {
                Pools = settings.Topology.Pools.SetItem(pool.Name, pool with { Affinity = pool.Affinity with { Keys = [.. configured] } }),
            },
        };
        plane ??= new DataPlane(settings, TimeProvider.System);
        SessionWorld.Publish(plane);
        var node = new KeyNode(settings, plane, disk ?? new MemoryDisk());
        await node._control.StartAsync(CancellationToken.None);
        await Eventually.Within(node.Capability.KeysReady);
        return node;
    }

    public Task<TicketKeysRotated> RotateAsync() => Desk.RotateAsync(new RotateTicketKeys([]), CancellationToken.None);

    /// <summary>A ticket as this node seals it now.</summary>
    public string Seal(in Binding binding)
    {
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        new TicketCodec(Plane.Keys, SessionWorld.Pool).Seal(binding, text);
        return new string(text);
    }

    /// <summary>The binding in a ticket; null where this node cannot open it.</summary>
    public Binding? Open(string text)
    {
        Span<byte> ticket = stackalloc byte[TicketCodec.TicketBytes];
        return TicketCodec.TryRead(text, ticket)
            && new TicketCodec(Plane.Keys, SessionWorld.Pool).TryOpen(ticket, TicketCodec.ClaimOf(ticket), out Binding binding) ? binding : null;
    }

    /// <summary>Ends without a word to the others.</summary>
    public async Task KillAsync()
    {
        // A stop beside the abort might still leave in good order, and be no loss.
        ActorSystem killed = _control.System!;
        ((ExtendedActorSystem)killed).Abort();
        await killed.WhenTerminated;
        await _control.StopAsync(new CancellationToken(canceled: true));
    }

    public Task LeaveAsync() => _control.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _control.DisposeAsync();

    private void WithSessionsOf(AkkaConfigurationBuilder akka, IServiceProvider services)
    {
        var capability = new SessionCapability();
        akka.WithSessions(Plane, capability, Disk);
        Volatile.Write(ref _capability, capability);
    }
}

/// <summary>Keeps a ring as the bytes of its codec, and fails when it is told to.</summary>
internal sealed class MemoryDisk : IStateStore
{
    private byte[]? _bytes;
    private byte[]? _saved;
    private volatile bool _full;

    public bool Full
    {
        get => _full;
        set => _full = value;
    }

    public TicketKeyRing Ring => State(StateNames.TicketKeys) is { } bytes ? TicketKeyWire.OfBytes(bytes) : TicketKeyRing.Empty;

    public byte[]? State(string name) => Volatile.Read(ref _bytes);

    public Task SaveAsync(string name, byte[] value)
    {
        Volatile.Write(ref _saved, value);
        return Write() ? Task.CompletedTask : Task.FromException(new IOException("no space left"));
    }

    // What could not be written is tried again, as a node's store does.
    public bool IsKept(string name) => Write();

    private bool Write()
    {
        if (!_full)
        {
            Volatile.Write(ref _bytes, Volatile.Read(ref _saved));
        }

        return !_full;
    }
}
