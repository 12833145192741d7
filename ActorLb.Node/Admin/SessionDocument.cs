using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>What <c>GET /api/v1/sessions/{session}</c> answers.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="State">bound, or ended: an operator ended it.</param>
/// <param name="Backend">Where it lives; null where it was ended, or lives at what is no backend any more.</param>
/// <param name="Version">How often it was bound: 1 for its first backend.</param>
/// <param name="LivesThereSince">At this time it lived there already, by its ticket; null: only an id was given, or the ticket is older than its last move.</param>
/// <param name="LastUsed">As far as the nodes told each other, an eighth of idle-timeout late at most; of one that was ended, when that was.</param>
/// <param name="Word">
/// nodes: they know it; ticket: only its ticket says it, because its client came once; cookie: only the node that was asked knows it, by
/// the application's cookie.
/// </param>
/// <param name="InForce">Every member sends it there: none has it otherwise, or was not heard.</param>
public sealed record SessionDocument(
    string Node,
    DateTimeOffset Time,
    string Pool,
    string Id,
    string State,
    string? Backend,
    string? Address,
    uint Version,
    DateTimeOffset? LivesThereSince,
    DateTimeOffset LastUsed,
    string Word,
    bool InForce,
    IReadOnlyList<SessionDocument.AtNode> Nodes)
{
    /// <param name="Knows">same, otherwise (another backend or version), no, silent or unreachable.</param>
    /// <param name="Replicated">Distributed data has it so; false: it is that node's own word, a moment old.</param>
    public sealed record AtNode(string Node, string Knows, string? Backend, uint? Version, DateTimeOffset? LastUsed, bool Replicated);

    /// <param name="carried">By a ticket that was presented; null: none was.</param>
    /// <param name="binding">What all of that comes to.</param>
    internal static SessionDocument Of(DataPlane plane, PoolSnapshot pool, Binding binding, Binding? carried, SessionSought found)
    {
        bool isKnown = found.Nodes.Any(n => n.Known.Any(k => k.Pool == pool.Name));
        AtNode[] nodes =
        [
            .. found.Nodes.Select(n => Describe(pool, n.Node, binding, n.Known.FirstOrDefault(k => k.Pool == pool.Name))),
            .. found.Silent.Select(n => new AtNode(n, "silent", null, null, null, Replicated: false)),
            .. found.Unreachable.Select(n => new AtNode(n, "unreachable", null, null, null, Replicated: false)),
        ];
        BackendSnapshot? home = pool.Find(binding.Backend);
        return new SessionDocument(
            plane.Settings.Name,
            plane.Clock.UtcNow,
            pool.Name,
            binding.Id.ToString(),
            binding.IsEnded ? "ended" : "bound",
            home?.Id,
            home?.Address.GetLeftPart(UriPartial.Authority),
            binding.IsEnded ? 0 : binding.Version,
            carried is { } ticket && ticket.Version == binding.Version && ticket.Backend == binding.Backend ? At(ticket.LastSeen) : null,
            At(binding.LastSeen),
            isKnown ? "nodes" : pool.Settings.Affinity.Mode == AffinityMode.Learn ? "cookie" : "ticket",
            nodes.All(n => n.Knows == "same" || (n.Knows == "no" && carried is { } says && !binding.Supersedes(says))),
            nodes);
    }

    private static AtNode Describe(PoolSnapshot pool, string node, in Binding binding, KnownSession? known) => known is null
        ? new AtNode(node, "no", null, null, null, Replicated: false)
        : new AtNode(
            node,
            known.Binding.Version == binding.Version && known.Binding.Backend == binding.Backend ? "same" : "otherwise",
            pool.Find(known.Binding.Backend)?.Id,
            known.Binding.IsEnded ? null : known.Binding.Version,
            At(known.Binding.LastSeen),
            known.IsReplicated);

    private static DateTimeOffset At(uint seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}

/// <summary>What <c>DELETE /api/v1/sessions/{session}</c> and <c>POST …/move</c> answer.</summary>
/// <param name="Outcome">ended, moved, or unchanged: it was so already, or no longer lives where it was to leave.</param>
/// <param name="From">Where it lived before; null where that is not known, or is no backend any more.</param>
/// <param name="Backend">Where it lives now; null: it was ended.</param>
/// <param name="Node">The node that took the decision.</param>
/// <param name="Confirmed">A majority of the nodes has it on disk. False: it holds here and spreads (202).</param>
/// <param name="NotOnDisk">Nodes at which it holds, but would not after a restart.</param>
/// <param name="NotInForce">Members that have not said that they go by it (202).</param>
public sealed record SessionDecisionDocument(
    string Pool,
    string Id,
    string Outcome,
    string? From,
    string? Backend,
    uint Version,
    string Node,
    bool Confirmed,
    IReadOnlyList<string> NotOnDisk,
    IReadOnlyList<string> NotInForce)
{
    internal static SessionDecisionDocument Of(PoolSnapshot pool, string node, SessionDecided decided) => new(
        pool.Name,
        decided.Now.Id.ToString(),
        decided.Outcome switch { SessionOutcome.Ended => "ended", SessionOutcome.Moved => "moved", _ => "unchanged" },
        pool.Find(decided.Before.Backend)?.Id,
        pool.Find(decided.Now.Backend)?.Id,
        decided.Now.IsEnded ? 0 : decided.Now.Version,
        node,
        decided.ByMajority,
        decided.NotOnDisk,
        decided.NotInForce);
}
