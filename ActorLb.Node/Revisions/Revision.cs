using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>A topology that was given to the cluster, or the word that each node's files have their say again. Immutable.</summary>
/// <param name="Who">The token and the address that asked for it.</param>
/// <param name="Text">HOCON, secrets included and <c>${…}</c> unresolved; null: the files have their say.</param>
/// <param name="Fingerprint">Of what it comes to at the node that took it.</param>
public sealed record Revision(RevisionId Id, string Who, string? Text, uint Fingerprint)
{
    /// <summary>Characters of a text.</summary>
    public const int TextMax = 1 << 20;

    /// <summary>Of <see cref="Who"/> and <see cref="Note"/>, and of the names of nodes.</summary>
    public const int WordMax = 256;

    /// <summary>Why it is there where nobody wrote it, as in "rollback to 3"; empty for none.</summary>
    public string Note { get; init; } = "";

    public bool IsRelease => Text is null;

    /// <summary>Never the text: it may hold secrets.</summary>
    public override string ToString() => $"revision {Id}";
}

/// <summary>A revision that a majority is to have on disk before any node goes over to it.</summary>
/// <param name="Electorate">The names of all members when it was prepared; a majority of these makes it a decision.</param>
internal sealed record PreparedRevision(Revision Revision, ImmutableArray<string> Electorate)
{
    public int Majority => (Electorate.Length / 2) + 1;
}
