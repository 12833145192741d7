namespace ActorLb.Node.Sessions;

/// <summary>The limits and intervals of session affinity's control plane, each with its reason.</summary>
internal static class SessionBounds
{
    /// <summary>Shards of all pools' buckets together: enough to spread over ten nodes, few enough to move quickly.</summary>
    public const int Shards = 64;

    /// <summary>
    /// Rebinds of one shard that may wait for their owner at the same time; the next one is decided here. It also
    /// bounds what the shard region keeps for an owner that is away: this many for each rebind-timeout.
    /// </summary>
    public const int RebindsInFlightPerShard = 32;

    /// <summary>Messages that an owner keeps while it loads its bucket.</summary>
    public const int WaitingForLoadMax = 4096;

    /// <summary>How long an owner waits for the majority's copy of its bucket before it starts with the local one.</summary>
    public static readonly TimeSpan LoadTimeout = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a loaded owner still only listens, so that what waited for it comes in any order.</summary>
    public static readonly TimeSpan LoadSettleTime = TimeSpan.FromMilliseconds(20);

    /// <summary>How long an owner waits for distributed data at all before it starts with what the node's table has.</summary>
    public static readonly TimeSpan LoadDeadline = TimeSpan.FromSeconds(1);

    /// <summary>Changes gathered into one write: fewer deltas, and not noticed by anybody; up to a tick of the scheduler longer.</summary>
    public static readonly TimeSpan GatherChanges = TimeSpan.FromMilliseconds(45);

    /// <summary>Deltas leave every 200 ms; after this the other nodes have them.</summary>
    public static readonly TimeSpan SpreadTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Sessions that an owner moves at one look where all of a backend are to leave: with all owners on one node, 80,000 a second,
    /// of which a fifth goes into one delta message.
    /// </summary>
    public const int MovedPerLookMax = 8;

    /// <summary>Between two looks of an owner for sessions that are to leave.</summary>
    public static readonly TimeSpan MovesLook = TimeSpan.FromMilliseconds(100);

    /// <summary>How often owners of sessions that are to leave are woken: one that died in between begins anew.</summary>
    public static readonly TimeSpan MovesWake = TimeSpan.FromSeconds(1);

    /// <summary>How often what is open at a backend that sessions leave is looked at, so that tunnels follow their sessions.</summary>
    public static readonly TimeSpan MovedExchangesLook = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a stopping owner's last write tries to reach a majority.</summary>
    public static readonly TimeSpan LastWriteTimeout = TimeSpan.FromSeconds(1);

    /// <summary>For how long a backend that a node could not reach is nobody's new home, in seconds, if there is another.</summary>
    public const uint AvoidSeconds = 10;

    /// <summary>One slice of the replicated buckets is looked at per tick: 30 ms, since timers go off at the scheduler's next tick.</summary>
    public static readonly TimeSpan PollTick = TimeSpan.FromMilliseconds(25);

    /// <summary>Ticks until every bucket has been looked at: 90 ms, about half the interval at which deltas arrive.</summary>
    public const int PollSlices = 3;

    /// <summary>
    /// Bindings that a peer lacks, handed to distributed data per tick while filling: seven ticks go into one delta
    /// message, which must stay below the frame of 4 MiB with what owners write meanwhile.
    /// </summary>
    public const int PushedPerTickMax = 5_000;

    /// <summary>Buckets under way at the same time while a joining node fetches: two megabytes of full ones.</summary>
    public const int FillsInFlight = 64;

    /// <summary>Attempts for one bucket while filling.</summary>
    public const int FillAttempts = 5;

    /// <summary>After so many AskHeldIntervals a bucket that was not given is asked for again.</summary>
    public const int FillRoundsMax = 5;

    /// <summary>
    /// When a joined member looks a second time: later than an owner that did not yet know it as a member has
    /// written, sent (200 ms) and the receivers have published (200 ms).
    /// </summary>
    public static readonly TimeSpan FillAgainAfter = TimeSpan.FromSeconds(3);

    /// <summary>After this a joining node serves with what it has; the rest comes by gossip.</summary>
    public static readonly TimeSpan FillDeadline = TimeSpan.FromSeconds(30);

    /// <summary>How often peers that have not said what they hold are asked again.</summary>
    public static readonly TimeSpan AskHeldInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Notices gathered into one message per bucket.</summary>
    public static readonly TimeSpan GatherNotices = TimeSpan.FromMilliseconds(20);

    /// <summary>Notices taken from the feed at once.</summary>
    public const int NoticesPerBatchMax = 8192;

    /// <summary>Bindings that go to another node's owners in one message: half a megabyte and at most a bucket's more, of a frame of 4 MiB.</summary>
    public const int BindingsRelayedMax = 16_384;

    /// <summary>
    /// How long an answer that begins a session waits for other nodes to know it: many times what a message takes, and little beside
    /// what a new session's first answer takes. A node that does not confirm in it is not waited for again before it does.
    /// </summary>
    public static readonly TimeSpan ShareTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>How often provisional bindings are looked through; what was there the last time is told to its owner again.</summary>
    public static readonly TimeSpan ResendInterval = TimeSpan.FromSeconds(3);

    /// <summary>Provisional bindings of one pool that are told again per interval; the others follow.</summary>
    public const int ResentMax = 60_000;

    /// <summary>How often a node tells the others which shards have owners with it: what was told on a change may be lost.</summary>
    public static readonly TimeSpan AnnounceInterval = TimeSpan.FromSeconds(5);

    /// <summary>Owners begin and end by the hundreds when shards move: one announcement for all.</summary>
    public static readonly TimeSpan GatherAnnouncements = TimeSpan.FromMilliseconds(200);

    /// <summary>Owners cut off what nobody has used for the timeout and a quarter, so that touches under way still count.</summary>
    /// <returns>The second before which a binding's last use is too long ago; 0 where none can be.</returns>
    public static uint HorizonAt(uint now, TimeSpan idleTimeout)
    {
        ulong kept = (ulong)(idleTimeout.TotalSeconds * 1.25);
        return kept >= now ? 0 : now - (uint)kept;
    }

    /// <summary>How often an owner looks for what to cut off: an eighth of the timeout, a second to a minute.</summary>
    public static TimeSpan ExpiryInterval(TimeSpan idleTimeout) =>
        TimeSpan.FromSeconds(Math.Clamp(idleTimeout.TotalSeconds / 8, 1, 60));

    /// <summary>What an owner would have cut off by now: it has had two looks.</summary>
    public static uint OverdueBefore(uint now, TimeSpan idleTimeout) =>
        HorizonAt(now - Math.Min(now, (uint)(2 * ExpiryInterval(idleTimeout).TotalSeconds)), idleTimeout);
}
