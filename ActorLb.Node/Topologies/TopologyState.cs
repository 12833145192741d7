
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>
/// What is in force, and the layers that it is made of, lowest first: what was written (this node's files, or the revision that
/// the cluster was given), and what operators decided at run time. Pure and immutable; a change of a layer gives the next one.
/// </summary>
internal sealed class TopologyState
{
    private TopologyState(WrittenLayer layer, BackendOverlays overlays, long version)
    {
        Layer = layer;
        Overlays = overlays;
        InForce = overlays.Over(layer.Topology);
        Version = version;
        Fingerprint = TopologyFingerprint.Of(InForce);
    }

    /// <summary>What was written, and where.</summary>
    public WrittenLayer Layer { get; }

    public Topology Written => Layer.Topology;

    /// <summary>Null: the files have their say.</summary>
    public RevisionId? Revision => Layer.Revision;

    public BackendOverlays Overlays { get; }

    /// <summary>What all layers come to.</summary>
    public Topology InForce { get; }

    /// <summary>Counts the changes of a layer on this node since its start.</summary>
    public long Version { get; }

    /// <summary>Of what is in force: nodes that differ in what they should have in common differ in it.</summary>
    public uint Fingerprint { get; }

    /// <summary>A node that begins: nobody has decided anything.</summary>
    public static TopologyState Of(WrittenLayer written) => new(written, BackendOverlays.None, 0);

    /// <inheritdoc cref="Of(WrittenLayer)"/>
    public static TopologyState Of(Topology written) => Of(new WrittenLayer(written, "", null));

    /// <summary>The written layer is another; what operators decided stays over it.</summary>
    public TopologyState Rewritten(WrittenLayer layer) => layer == Layer ? this : new(layer, Overlays, Version + 1);

    /// <inheritdoc cref="Rewritten(WrittenLayer)"/>
    public TopologyState Rewritten(Topology written) => Rewritten(Layer with { Topology = written });

    /// <summary>Operators decided otherwise; what is written stays below it.</summary>
    public TopologyState With(BackendOverlays overlays) => ReferenceEquals(overlays, Overlays) ? this : new(Layer, overlays, Version + 1);
}
