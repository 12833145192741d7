using System.Collections.Immutable;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Health;

/// <summary>
/// All verdicts on all backends as they came to this node, and the majority's health of each. Pure; bounded by the
/// configured backends and the members of the cluster.
/// </summary>
internal sealed record HealthBoardState
{
    /// <summary>A doubt that nothing ends is over then: there are backends that this side does not see at all.</summary>
    private static readonly TimeSpan DoubtMax = TimeSpan.FromSeconds(15);

    private HealthBoardState(string self, ImmutableDictionary<BackendName, BackendVerdicts> backends)
    {
        Self = self;
        Voters = [self];
        Backends = backends;
    }

    public string Self { get; }

    /// <summary>Whose verdicts count: the nodes that are up and reachable, and always this one.</summary>
    public ImmutableHashSet<string> Voters { get; private init; }

    public ImmutableDictionary<BackendName, BackendVerdicts> Backends { get; private init; }

    /// <summary>
    /// The pools whose backends were all down and of which one is up again, and when they were dark; until there is a verdict on each of
    /// the others that is newer than that.
    /// </summary>
    public ImmutableDictionary<string, Darkness> DarkBefore { get; private init; } = ImmutableDictionary<string, Darkness>.Empty;

    /// <summary>
    /// Since when this side may be cut off itself: nodes cannot be reached any more, and no probe of those that are left has passed
    /// since. So long nothing goes down by their verdicts alone, but all at once. Null: there is no such doubt.
    /// </summary>
    public TimeSpan? InDoubtSince { get; private init; }

    /// <summary>Such a doubt, which was over because a probe passed: what was first said in it against any backend does not count, as long as somebody says nothing newer.</summary>
    public Darkness? DoubtBefore { get; private init; }

    /// <summary>This node's own verdicts: what it reports to the others.</summary>
    public ImmutableArray<Verdict> Own =>
        [.. Backends.Values.Select(b => b.Seen.GetValueOrDefault(Self)?.Verdict).OfType<Verdict>()];

    /// <summary>Nobody has said anything yet; each backend is as the data plane last knew it.</summary>
    public static HealthBoardState Start(string self, RoutingSnapshot known)
    {
        var backends = ImmutableDictionary.CreateBuilder<BackendName, BackendVerdicts>();
        foreach (PoolSnapshot pool in known.Pools.Values)
        {
            for (int i = 0; i < pool.Backends.Length; i++)
            {
                BackendVerdicts verdicts = Of(pool.Settings, pool.Settings.Backends[i], pool.Backends[i].Health, pool.Backends[i].Since);
                backends.Add(verdicts.Backend, verdicts);
            }
        }

        return new HealthBoardState(self, backends.ToImmutable());
    }

    /// <summary>
    /// The pool has other settings or backends now: nothing is known of the new ones and of those at another address, and what was
    /// said of those that are gone is dropped.
    /// </summary>
    public HealthBoardState WithPool(PoolSettings pool, Moment at)
    {
        ImmutableDictionary<BackendName, BackendVerdicts>.Builder backends = Without(pool.Name).Backends.ToBuilder();
        foreach (BackendSettings backend in pool.Backends)
        {
            BackendVerdicts unknown = Of(pool, backend, BackendHealth.Unknown, at.Now);
            backends.Add(unknown.Backend, Backends.TryGetValue(unknown.Backend, out BackendVerdicts? known) && known.Address == backend.Address
                ? known with { Timeout = unknown.Timeout, StaleAfter = unknown.StaleAfter, NoticedWithin = unknown.NoticedWithin }
                : unknown);
        }

        return this with { Backends = backends.ToImmutable() };
    }

    /// <summary>There is no such pool any more.</summary>
    public HealthBoardState Without(string pool) => this with
    {
        Backends = Backends.RemoveRange(Backends.Keys.Where(n => n.Pool == pool)),
        DarkBefore = DarkBefore.Remove(pool),
    };

    /// <summary>All verdicts of one node; those that it no longer reports are withdrawn. Backends that are unknown here are ignored.</summary>
    public HealthBoardState WithReport(VerdictsReported report, Moment at)
    {
        ImmutableDictionary<BackendName, Verdict> verdicts = report.Verdicts
            .Where(v => v.Node == report.Node)
            .GroupBy(v => v.Backend)
            .ToImmutableDictionary(g => g.Key, g => g.Last());
        return Changed(at, b => verdicts.TryGetValue(b.Backend, out Verdict? verdict)
            ? b.With(verdict, at.Steady)
            : b.Without(report.Node));
    }

    public HealthBoardState WithOwn(Verdict verdict, Moment at) =>
        Backends.TryGetValue(verdict.Backend, out BackendVerdicts? backend)
            ? (this with { Backends = Backends.SetItem(verdict.Backend, backend.With(verdict, at.Steady)) }).Changed(at, b => b)
            : this;

    /// <summary>Withdraws this node's verdicts on backends that it no longer observes.</summary>
    public HealthBoardState WithObserved(ImmutableHashSet<BackendName> observed, Moment at) =>
        Changed(at, b => observed.Contains(b.Backend) ? b : b.Without(Self));

    /// <summary>Drops what nodes said that left or cannot be reached; who joins is kept and counts once it is up.</summary>
    public HealthBoardState WithMembers(MembershipChanged membership, Moment at)
    {
        ImmutableHashSet<string> known = [Self, .. membership.Members.Where(m => m.Reachable).Select(m => m.Name)];
        ImmutableHashSet<string> voters = [Self, .. membership.Active];
        string[] lost = [.. membership.Members.Where(m => !m.Reachable && Voters.Contains(m.Name) && !voters.Contains(m.Name)).Select(m => m.Name)];
        HealthBoardState next = this with { Voters = voters, InDoubtSince = lost.Length > 0 ? at.Steady : InDoubtSince };
        return next.Changed(at, b => b.Seen.Keys.Where(n => !known.Contains(n)).Aggregate(b.Losing(lost), (left, node) => left.Without(node)));
    }

    /// <summary>Decides anew as time goes by and verdicts become stale.</summary>
    public HealthBoardState At(Moment at) => Changed(at, b => b);

    /// <summary>The verdicts on one backend, by node name; empty where the backend is unknown.</summary>
    public ImmutableArray<Verdict> VerdictsOn(BackendName backend) =>
        Backends.TryGetValue(backend, out BackendVerdicts? b) ? [.. b.Seen.Values.Select(s => s.Verdict)] : [];

    /// <summary>
    /// Whether this node's circuit to the backend may close: by newer probes, or because it opened in the dark and may
    /// have been about this node's own network, as the verdicts of then.
    /// </summary>
    public bool Refutes(BackendName backend, TimeSpan openedAt, TimeSpan now) =>
        Backends.TryGetValue(backend, out BackendVerdicts? b)
        && (b.Refutes(openedAt, Self, Voters, now)
            || (b.Health == BackendHealth.Unknown && DarkBefore.TryGetValue(backend.Pool, out Darkness dark) && openedAt <= dark.Over));

    /// <summary>Whether the observers, asked at this time, have said that the backend is up, whatever this node sees of it.</summary>
    public bool Confirms(BackendName backend, TimeSpan askedAt, TimeSpan now) =>
        Backends.TryGetValue(backend, out BackendVerdicts? b) && b.Confirms(askedAt, Self, Voters, now);

    /// <summary>Null where the backend is unknown.</summary>
    public BackendHealth? HealthOf(BackendName backend) => Backends.GetValueOrDefault(backend)?.Health;

    private static ImmutableSortedDictionary<string, SeenVerdict> NoVerdicts { get; } =
        ImmutableSortedDictionary.Create<string, SeenVerdict>(StringComparer.Ordinal);

    private static BackendVerdicts Of(PoolSettings pool, BackendSettings backend, BackendHealth health, DateTimeOffset since) => new(
        new BackendName(pool.Name, backend.Id), backend.Address, pool.Health.Timeout, (3 * pool.Health.Interval) + pool.Health.Timeout, health, since, NoVerdicts)
    {
        NoticedWithin = (3 * pool.Health.Interval) + pool.Health.Timeout
            + (pool.Health.Fall * (pool.Health.Timeout > pool.Health.FastInterval ? pool.Health.Timeout : pool.Health.FastInterval)),
    };

    private HealthBoardState Changed(Moment at, Func<BackendVerdicts, BackendVerdicts> change)
    {
        ImmutableDictionary<BackendName, BackendVerdicts> backends = Backends;
        foreach ((BackendName name, BackendVerdicts before) in Backends)
        {
            backends = Set(backends, name, before, change(before));
        }

        ImmutableDictionary<string, Darkness> darkBefore = DarkBefore;
        TimeSpan? doubt = InDoubtSince;
        Darkness? doubtBefore = DoubtBefore is { } dark && backends.Values.Any(b => b.HasSaidIn(dark, Voters, at.Steady)) ? dark : null;
        if (doubt is { } since)
        {
            bool hasPassed = backends.Values.Any(b => b.HasPassed(Voters, since));
            doubtBefore = hasPassed ? new Darkness(since, at.Steady) : doubtBefore;
            doubt = hasPassed || at.Steady - since > DoubtMax || !backends.Values.Any(b => b.IsWellFor(Voters, at.Steady)) ? null : since;
        }

        foreach (IGrouping<string, BackendVerdicts> pool in backends.Values.GroupBy(b => b.Backend.Pool).ToArray())
        {
            bool wasDark = pool.All(b => b.Health == BackendHealth.Down);
            BackendVerdicts[] decided = Decided(pool, darkBefore);
            if (wasDark && decided.Any(b => b.Health == BackendHealth.Up))
            {
                darkBefore = darkBefore.SetItem(pool.Key, new Darkness(pool.Max(b => b.DownAt) ?? TimeSpan.MinValue, at.Steady));
                decided = Decided(pool, darkBefore);
            }

            darkBefore = decided.Any(b => b.Health == BackendHealth.Unknown) ? darkBefore : darkBefore.Remove(pool.Key);
            foreach ((BackendVerdicts before, BackendVerdicts after) in pool.Zip(decided))
            {
                backends = Set(backends, before.Backend, before, after);
            }
        }

        return this with { Backends = backends, DarkBefore = darkBefore, InDoubtSince = doubt, DoubtBefore = doubtBefore };

        BackendVerdicts[] Decided(IGrouping<string, BackendVerdicts> pool, ImmutableDictionary<string, Darkness> darkBefore) =>
            [.. pool.Select(b => b.Decided(Voters, at, mayFall: doubt is null, doubtBefore, darkBefore.TryGetValue(pool.Key, out Darkness dark) ? dark : null))];
    }

    private static ImmutableDictionary<BackendName, BackendVerdicts> Set(
        ImmutableDictionary<BackendName, BackendVerdicts> backends, BackendName name, BackendVerdicts before, BackendVerdicts after) =>
        ReferenceEquals(before, after) ? backends : backends.SetItem(name, after);
}
