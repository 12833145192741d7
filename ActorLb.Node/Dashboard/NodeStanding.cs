using System.Collections.Immutable;

namespace ActorLb.Node.Dashboard;

/// <summary>What is wrong with a node's file, its configuration and its certificates, as it says itself; times are those that the nodes agree on. Immutable.</summary>
internal sealed record NodeStanding
{
    /// <summary>More of a kind at once are no longer read by anybody.</summary>
    public const int ToldMax = 20;

    public static readonly NodeStanding Well = new();

    /// <summary>Null: it can write its file.</summary>
    public UnwrittenFile? Storage { get; init; }

    /// <summary>Null: it goes by the revision that counts, or there is none.</summary>
    public RevisionNotRun? Revision { get; init; }

    /// <summary>When its files were read last; of no account where nothing is wrong with them.</summary>
    public DateTimeOffset FilesAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>For which its files were refused; empty: they were not.</summary>
    public ImmutableArray<string> Mistakes { get; init; } = [];

    /// <summary>Keys that say another thing in its files than at its start.</summary>
    public ImmutableArray<string> NeedStart { get; init; } = [];

    public ImmutableArray<CertificateNotUsed> Certificates { get; init; } = [];

    /// <param name="State">failing or off, as in status.</param>
    internal sealed record UnwrittenFile(string State, string Detail, DateTimeOffset Since);

    internal sealed record RevisionNotRun(long Number, string Problem);

    /// <param name="Key">Of the configuration that names it, below actorlb.</param>
    internal sealed record CertificateNotUsed(string Key, string Problem, DateTimeOffset Since);
}
