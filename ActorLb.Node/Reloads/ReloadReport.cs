using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Reloads;

/// <summary>Who wanted the files to be read again.</summary>
internal enum ReloadCause
{
    Signal,
    Request,
    Watch,
}

/// <summary>What came of reading the files again.</summary>
public enum ReloadOutcome
{
    /// <summary>Another topology is in force.</summary>
    Changed,

    /// <summary>They come to what was in force already.</summary>
    Unchanged,

    /// <summary>There is a mistake, or this node cannot run it: what was before is in force.</summary>
    Refused,

    /// <summary>The node did not answer: what became of it is not known.</summary>
    Silent,

    /// <summary>The cluster was given a revision, and the files have no say: they were read, and nothing was changed.</summary>
    Overruled,
}

/// <summary>A mistake for which files were refused.</summary>
/// <param name="Line">From 1; 0 means the file as a whole.</param>
/// <param name="Key">As check prints it; empty where a file as a whole is wrong.</param>
/// <param name="Text">All of it in one line, as check prints it.</param>
public sealed record ReloadMistake(string File, int Line, int Column, string Key, string Text);

/// <summary>What came of one reload on one node. Holds no secret.</summary>
/// <param name="Before">The fingerprint of what was in force before; After: of what is now.</param>
public sealed record ReloadReport(string Node, ReloadOutcome Outcome, DateTimeOffset At, uint Before, uint After)
{
    /// <summary>What is in force and was not.</summary>
    public ImmutableArray<SettingDifference> Changes { get; init; } = [];

    /// <summary>Keys that hold for as long as the node runs, and say another thing now than at its start.</summary>
    public ImmutableArray<SettingDifference> NeedStart { get; init; } = [];

    public ImmutableArray<ReloadMistake> Mistakes { get; init; } = [];

    /// <summary>What is probably not meant, and what the change costs clients.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The files are good, and this node cannot run what they say.</summary>
    public bool IsImpossible { get; init; }

    /// <summary>Who asked for it, in words for people; null: nobody did, or that is not known here. Is not told to other nodes.</summary>
    public string? Who { get; init; }

    /// <summary>Nothing was to be changed: this is what would have been.</summary>
    public bool IsTrial { get; init; }

    /// <summary>For who reads it at another node, or beside what others say.</summary>
    public ReloadReport ByAgreedTime(SessionClock clock) => this with { At = At - clock.Ahead };
}
