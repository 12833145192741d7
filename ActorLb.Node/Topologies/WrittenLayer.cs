using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The lowest layer of a topology: what somebody wrote.</summary>
/// <param name="Text">HOCON with its secrets, <c>${…}</c> unresolved; empty where nobody wrote a text.</param>
/// <param name="Revision">Whose text it is; null: this node's files'.</param>
internal sealed record WrittenLayer(Topology Topology, string Text, RevisionId? Revision)
{
    /// <summary>What others are not to see of it.</summary>
    public HiddenValues Hidden { get; init; } = HiddenValues.None;

    /// <summary>Never the text: it may hold secrets.</summary>
    public override string ToString() => Revision is { } id ? $"revision {id}" : "files";
}
