using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>
/// What is in force, and the layers that it is made of, lowest first: what was written (this node's files), and what operators
/// decided at run time. Pure and immutable; a change of a layer gives the next one.
/// </summary>
internal sealed class TopologyState
{
    private TopologyState(Topology written, BackendOverlays overlays, long version)
    {
        Written = written;
        Overlays = overlays;
        InForce = overlays.Over(written);
        Version = version;
        Fingerprint = TopologyFingerprint.Of(InForce);
    }

    public Topology Written { get; }

    public BackendOverlays Overlays { get; }

    /// <summary>What all layers come to.</summary>
    public Topology InForce { get; }

    /// <summary>Counts the changes of a layer on this node since its start.</summary>
    public long Version { get; }

    /// <summary>Of what is in force: nodes that differ in what they should have in common differ in it.</summary>
    public uint Fingerprint { get; }

    /// <summary>A node that begins: nobody has decided anything.</summary>
    public static TopologyState Of(Topology written) => new(written, BackendOverlays.None, 0);

    /// <summary>The written layer is another; what operators decided stays over it.</summary>
    public TopologyState Rewritten(Topology written) => written == Written ? this : new(written, Overlays, Version + 1);

    /// <summary>Operators decided otherwise; what is written stays below it.</summary>
    public TopologyState With(BackendOverlays overlays) => ReferenceEquals(overlays, Overlays) ? this : new(Written, overlays, Version + 1);
}
