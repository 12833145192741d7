
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>
/// What is in force, and the layers that it is made of, lowest first: what was written (this node's files, or the revision that
/// the cluster was given), and what operators decided at run time; and beside them the tokens of the admin API, which always follow
/// the node's files. Pure and immutable; a change of a layer gives the next one.
/// </summary>
internal sealed class TopologyState
{
    private TopologyState(WrittenLayer layer, BackendOverlays overlays, EquatableArray<AdminToken> tokens, long version)
    {
        Layer = layer;
        Overlays = overlays;
        Tokens = tokens;
        InForce = overlays.Over(layer.Topology);
        Version = version;
        Fingerprint = TopologyFingerprint.Of(InForce, tokens);
    }

    /// <summary>What was written, and where.</summary>
    public WrittenLayer Layer { get; }

    public Topology Written => Layer.Topology;

    /// <summary>Null: the files have their say.</summary>
    public RevisionId? Revision => Layer.Revision;

    public BackendOverlays Overlays { get; }

    /// <summary>Who may use the admin API of this node.</summary>
    public EquatableArray<AdminToken> Tokens { get; }

    /// <summary>What all layers come to.</summary>
    public Topology InForce { get; }

    /// <summary>Counts the changes of a layer on this node since its start.</summary>
    public long Version { get; }

    /// <summary>Of what is in force: nodes that differ in what they should have in common differ in it.</summary>
    public uint Fingerprint { get; }

    /// <summary>A node that begins: nobody has decided anything.</summary>
    public static TopologyState Of(WrittenLayer written) => new(written, BackendOverlays.None, [], 0);

    /// <inheritdoc cref="Of(WrittenLayer)"/>
    public static TopologyState Of(Topology written) => Of(new WrittenLayer(written, "", null));

    /// <summary>The written layer is another; what operators decided stays over it.</summary>
    public TopologyState Rewritten(WrittenLayer layer) => layer == Layer ? this : new(layer, Overlays, Tokens, Version + 1);

    /// <inheritdoc cref="Rewritten(WrittenLayer)"/>
    public TopologyState Rewritten(Topology written) => Rewritten(Layer with { Topology = written });

    /// <summary>Operators decided otherwise; what is written stays below it.</summary>
    public TopologyState With(BackendOverlays overlays) => ReferenceEquals(overlays, Overlays) ? this : new(Layer, overlays, Tokens, Version + 1);

    /// <summary>The admin API takes other tokens.</summary>
    public TopologyState With(EquatableArray<AdminToken> tokens) => tokens == Tokens ? this : new(Layer, Overlays, tokens, Version + 1);
}
