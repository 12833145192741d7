using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>A change of what nodes run, asked for while clients went on, and what came of it. Times are seconds since the run began.</summary>
public sealed record Change
{
    /// <summary>Number of the fault of which it is a part.</summary>
    public int Fault { get; init; }

    public FaultKind Kind { get; init; }

    /// <summary>In words.</summary>
    public string What { get; init; } = "";

    /// <summary>It has a mistake, or some node cannot run it: it must be refused.</summary>
    public bool IsBad { get; init; }

    public double Asked { get; init; }

    public double Answered { get; init; }

    /// <summary>The word of who was asked; no-answer where it did not live to give one.</summary>
    public required string Outcome { get; init; }

    /// <summary>The answer says that it is in force, or will be.</summary>
    public required bool IsDone { get; init; }

    /// <summary>What the answer says is wrong with it, or was left out of it.</summary>
    public ImmutableArray<string> Mistakes { get; init; } = [];

    /// <summary>A node that was killed meanwhile: then whoever was asked may not know, and whoever was not may refuse. Null for none.</summary>
    public string? Killed { get; init; }

    /// <summary>What the nodes ran before it; empty where nobody looked.</summary>
    public ImmutableArray<NodeStanding> Before { get; init; } = [];

    /// <summary>What they run after it.</summary>
    public ImmutableArray<NodeStanding> After { get; init; } = [];

    /// <summary>The serial number of the certificate that every handshake shows from the answer on; null where it is about none.</summary>
    public string? Certificate { get; init; }

    [JsonIgnore]
    public bool ChangedNothing => Before.IsEmpty || Before.All(b => After.Contains(b));

    public override string ToString() =>
        $"{What}, {Asked:F1} to {Answered:F1}: {Outcome}{(Killed is null ? "" : $", {Killed} killed")}{(Mistakes.IsEmpty ? "" : $" ({string.Join("; ", Mistakes)})")}"
        + $"{(Before.IsEmpty ? "" : $"; before {string.Join(", ", Before)}; after {string.Join(", ", After)}")}";
}

/// <summary>What a node says that it runs.</summary>
/// <param name="Fingerprint">Of what is in force there.</param>
/// <param name="Revision">The one that counts in the cluster, as NUMBER@NODE, and why it does not go by it where it does not; null where there is none.</param>
public sealed record NodeStanding(string Node, string Fingerprint, string? Revision)
{
    public override string ToString() => $"{Node}={Fingerprint}{(Revision is null ? "" : $"/{Revision}")}";
}
