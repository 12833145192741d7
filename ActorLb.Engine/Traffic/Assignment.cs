using ActorLb.Engine.Balancing;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>Where one request goes, and what its answer must tell the client about its session.</summary>
/// <param name="Pool">The pool as the request sees it.</param>
/// <param name="Backend">Null: nobody can serve it (503).</param>
/// <param name="Binding">The session's binding; default where the pool has no affinity, or its client has no cookie of the application yet.</param>
/// <param name="IsBound">The session had a backend before this request; a failure moves it by its owner's decision.</param>
/// <param name="NeedsTicket">The answer carries a ticket: a new session, a moved one, or one whose ticket got old.</param>
internal readonly record struct Assignment(
    PoolSnapshot Pool,
    BackendSnapshot? Backend,
    Binding Binding,
    bool IsBound,
    bool NeedsTicket)
{
    /// <summary>By which it was chosen where the pool's policy goes by keys; none for a bound request.</summary>
    internal BalanceKey Key { get; init; }

    /// <summary>Whose answer may begin sessions; null where its pool learns none, or its session had to move.</summary>
    internal IFirstRequest? Request { get; init; }

    /// <summary>Its client presents a cookie of the application whose session an operator ended, and none of another session.</summary>
    internal bool HasEnded { get; init; }

    /// <summary>This node heard of its session by its ticket.</summary>
    internal bool IsAdopted { get; init; }

    /// <summary>Which backend its session left while it waited, and why; null: it did not.</summary>
    internal Departure? Left { get; init; }

    /// <summary>Its session got another home while this request was assigned.</summary>
    internal bool HasMoved => Left is not null;

    /// <summary>The answer tells its client something of its session.</summary>
    internal bool OwesTicket => NeedsTicket || HasEnded;

    /// <summary>Its client has a session, or gets one with the answer.</summary>
    internal bool HasSession => Binding.Id != default;

    /// <summary>Of a bound request that could not reach its backend: since when it tries.</summary>
    internal Hold Hold { get; init; }
}
