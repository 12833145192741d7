using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Routing;
using ActorLb.Node.Health;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Dashboard;

/// <summary>What this node tells of itself. Any thread; outlives a restart of the control plane.</summary>
/// <param name="version">Of the product.</param>
/// <param name="admin">Where a browser finds its dashboard; empty: it has none, or it is not known yet.</param>
/// <param name="standing">Of this moment.</param>
/// <param name="certificates">That the node shows to somebody.</param>
internal sealed class OwnFigures(
    DataPlane plane, FigureRings rings, NodeLoad load, string version, Func<string> admin, Func<NodeStanding> standing, Func<IEnumerable<CertificateInUse>> certificates)
{
    /// <summary>More of them at once are one trouble, and not a thousand.</summary>
    private const int StrainedMax = 100;

    /// <summary>The same.</summary>
    public const int CertificatesMax = 100;

    /// <param name="sees">The other members, as this node sees them.</param>
    public FiguresAtNode Now(ImmutableArray<SeenMember> sees) => new(
        plane.Settings.Name,
        version,
        admin(),
        load.StartedAt - plane.Clock.Ahead,
        load.ProcessorPermille,
        NodeLoad.MemoryBytes,
        plane.Connections.Open,
        sees,
        [.. plane.Routing.Pools.Values.SelectMany(p => p.Backends.Select(b => Of(p, b))).OfType<StrainedBackend>().Take(StrainedMax)],
        rings.Now())
    {
        Standing = standing(),
        Listeners = [.. plane.Connections.Listeners.Select(l => new OpenListener(l.Key, l.Value.Open))],
        Certificates = [.. certificates().Where(c => c.IsToRenew(plane.Clock.UtcNow)).OrderBy(c => c.Expires).Take(CertificatesMax)],
    };

    public SlotsAtNode Slots(AskSlots asked) => new(
        plane.Settings.Name,
        rings.Slots(asked.Subject, asked.Seconds, asked.Last, asked.Count),
        DateTimeOffset.FromUnixTimeSeconds(rings.Since(asked.Subject, asked.Seconds, asked.Last)));

    public FailuresAtNode Failures(AskFailures asked) => new(
        plane.Settings.Name,
        [.. plane.Routing.Pools.GetValueOrDefault(asked.Backend.Pool)?.Find(BackendKey.Of(asked.Backend.Id))?.Traffic.FailureNotes.Read() ?? []]);

    private StrainedBackend? Of(PoolSnapshot pool, BackendSnapshot backend)
    {
        OpenedCircuit? circuit = backend.Traffic.Circuit;
        (int waiting, int held) = (backend.Traffic.Gate.Waiting, backend.Traffic.Held);
        return circuit is null && waiting == 0 && held == 0
            ? null
            : new StrainedBackend(
                new BackendName(pool.Name, backend.Id),
                waiting,
                held,
                circuit is null ? "" : CircuitWords.Of(circuit.Reason),
                circuit?.Ejects ?? false,
                circuit is null ? DateTimeOffset.UnixEpoch : circuit.Since - plane.Clock.Ahead);
    }
}
