using System.Collections.Immutable;

namespace ActorLb.Node.Sessions.Learned;

/// <summary>
/// Whose confirmation a round of telling still waits for. A member that let a round wait for its whole time is not waited for
/// again before it confirms one. Pure.
/// </summary>
internal sealed record ShareState
{
    public static readonly ShareState Idle = new();

    private ImmutableHashSet<string> Silent { get; init; } = [];

    private ImmutableHashSet<string> Awaited { get; init; } = [];

    /// <summary>Of the round that is under way, or of the last one.</summary>
    public long Round { get; private init; }

    public bool IsOver => Awaited.IsEmpty;

    /// <summary>The next round, to these members.</summary>
    public ShareState Begun(ImmutableHashSet<string> members) =>
        new() { Round = Round + 1, Silent = Silent.Intersect(members), Awaited = members.Except(Silent) };

    /// <summary>A member has confirmed a round, this one or one before, and speaks again.</summary>
    public ShareState Confirmed(string member, long round) => this with
    {
        Silent = Silent.Remove(member),
        Awaited = round == Round ? Awaited.Remove(member) : Awaited,
    };

    /// <summary>The round has had its time.</summary>
    public ShareState TimedOut() => this with { Silent = Silent.Union(Awaited), Awaited = [] };

    /// <summary>A member is gone.</summary>
    public ShareState Left(string member) => this with { Silent = Silent.Remove(member), Awaited = Awaited.Remove(member) };
}
