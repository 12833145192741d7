using System.Collections.Immutable;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Health;

/// <summary>
/// What all observers say about one backend, and what follows from it. Immutable; produced only by
/// <see cref="HealthBoardState"/>.
/// </summary>
/// <param name="Address">Of which all of it is said.</param>
/// <param name="Timeout">How long a probe may take.</param>
/// <param name="StaleAfter">How long a verdict counts without a newer one, by this node's clock.</param>
/// <param name="Since">When <paramref name="Health"/> last changed.</param>
/// <param name="Seen">By the observer's node name.</param>
internal sealed record BackendVerdicts(
    BackendName Backend,
    Uri Address,
    TimeSpan Timeout,
    TimeSpan StaleAfter,
    BackendHealth Health,
    DateTimeOffset Since,
    ImmutableSortedDictionary<string, SeenVerdict> Seen)
{
    /// <summary>When it went down, by the steady clock; null: it is not down, or was so before anything was heard.</summary>
    public TimeSpan? DownAt { get; private init; }

    /// <summary>It is down by the word of nodes, too, that this one cannot reach any more: that is about no network of this side.</summary>
    public bool IsDownForTheLost { get; private init; }

    /// <summary>News is a verdict with another time than the one before: a report may repeat an old one for ever.</summary>
    public BackendVerdicts With(Verdict verdict, TimeSpan arrived) =>
        Seen.TryGetValue(verdict.Node, out SeenVerdict? known) && known.Verdict == verdict
            ? this
            : this with { Seen = Seen.SetItem(verdict.Node, new SeenVerdict(verdict, arrived, known?.Verdict.Healthy == verdict.Healthy ? known.Since : arrived)) };

    public BackendVerdicts Without(string node) => Seen.ContainsKey(node) ? this with { Seen = Seen.Remove(node) } : this;

    /// <summary>How long after a cause it is noticed at the latest, by any observer: that of a darkness began so long before.</summary>
    public TimeSpan NoticedWithin { get; init; }

    /// <summary>These nodes cannot be reached any more; what they said last is still here.</summary>
    public BackendVerdicts Losing(string[] nodes) =>
        Health == BackendHealth.Down && nodes.Any(n => Seen.TryGetValue(n, out SeenVerdict? last) && !last.Verdict.Healthy)
            ? this with { IsDownForTheLost = true }
            : this;

    /// <summary>The majority of the voters that have a fresh verdict; a tie, or nobody, leaves things as they are.</summary>
    /// <param name="mayFall">False: it does not go down now.</param>
    /// <param name="doubt">
    /// One that is over. What was first said against it then does not count, and whoever has nothing else against it is unknown, and
    /// keeps its sessions, or stays up where it was. Whoever was down before stays down.
    /// </param>
    /// <param name="dark">The same of a time in which its whole pool was down.</param>
    public BackendVerdicts Decided(ImmutableHashSet<string> voters, Moment at, bool mayFall, Darkness? doubt, Darkness? dark)
    {
        doubt = IsDownForTheLost ? null : doubt;
        int healthy = 0;
        int votes = 0;
        foreach (SeenVerdict seen in Seen.Values)
        {
            if (Votes(seen, voters, at.Steady) && !IsOf(doubt, seen) && !IsOf(dark, seen))
            {
                votes++;
                healthy += seen.Verdict.Healthy ? 1 : 0;
            }
        }

        BackendHealth health = (2 * healthy).CompareTo(votes) switch
        {
            > 0 => BackendHealth.Up,
            < 0 => mayFall ? BackendHealth.Down : Health,
            _ => votes == 0 && (doubt ?? dark) is not null && Health == BackendHealth.Down ? BackendHealth.Unknown : Health,
        };
        return health == Health ? this : this with
        {
            Health = health,
            Since = at.Now,
            DownAt = health == BackendHealth.Down ? at.Steady : null,
            IsDownForTheLost = false,
        };
    }

    /// <summary>
    /// Whether a circuit that opened at <paramref name="openedAt"/> may close: the backend is up by probes that passed
    /// since then, this node's own among them where it observes the backend.
    /// </summary>
    public bool Refutes(TimeSpan openedAt, string self, ImmutableHashSet<string> voters, TimeSpan now) =>
        (!Seen.TryGetValue(self, out SeenVerdict? own) || HasPassed(own, openedAt)) && Confirms(openedAt, self, voters, now);

    /// <summary>Whether the backend is up by probes that passed since then, most of those that count.</summary>
    public bool Confirms(TimeSpan since, string self, ImmutableHashSet<string> voters, TimeSpan now)
    {
        int passed = 0;
        int votes = 0;
        foreach (SeenVerdict seen in Seen.Values)
        {
            if (Votes(seen, voters, now))
            {
                votes++;
                passed += HasPassed(seen, since) ? 1 : 0;
            }
        }

        // Two observers that disagree: it is about this node's own way to the backend, so its probe decides.
        bool own = Seen.TryGetValue(self, out SeenVerdict? mine) && HasPassed(mine, since);
        return Health == BackendHealth.Up && (2 * passed > votes || (own && 2 * passed == votes));
    }

    /// <summary>A probe of one of them has passed since then.</summary>
    public bool HasPassed(ImmutableHashSet<string> voters, TimeSpan since) =>
        Seen.Values.Any(s => voters.Contains(s.Verdict.Node) && s.Verdict.Passed && s.News > since);

    /// <summary>One of them says that it is well, and has said so lately.</summary>
    public bool IsWellFor(ImmutableHashSet<string> voters, TimeSpan now) => Seen.Values.Any(s => s.Verdict.Healthy && Votes(s, voters, now));

    /// <summary>One of them still has nothing newer against it than what was said before that.</summary>
    public bool HasSaidIn(Darkness dark, ImmutableHashSet<string> voters, TimeSpan now) => Seen.Values.Any(s => Votes(s, voters, now) && IsOf(dark, s));

    private static bool HasPassed(SeenVerdict seen, TimeSpan since) => seen.News > since && seen.Verdict is { Healthy: true, Passed: true };

    // It is noticed a while after it began, and a probe that began in it may end, and fail, a timeout after it.
    private bool IsOf(Darkness? darkness, SeenVerdict seen) =>
        darkness is { } dark && !seen.Verdict.Healthy && seen.Since + NoticedWithin >= dark.From && (seen.Verdict.Passed || seen.News <= dark.Over + Timeout);

    private bool Votes(SeenVerdict seen, ImmutableHashSet<string> voters, TimeSpan now) => voters.Contains(seen.Verdict.Node) && now - seen.News <= StaleAfter;
}

/// <summary>A verdict and when it came here, by this node's steady clock.</summary>
/// <param name="Since">When its observer began to say so.</param>
internal sealed record SeenVerdict(Verdict Verdict, TimeSpan News, TimeSpan Since);

/// <summary>
/// A time in which this side may have been without its network, by the steady clock: what was first said against a backend in it may have been
/// about that.
/// </summary>
/// <param name="From">When it was noticed.</param>
/// <param name="Over">When a probe passed again.</param>
internal readonly record struct Darkness(TimeSpan From, TimeSpan Over);
