using System.Diagnostics;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

/// <summary>Several nodes in one process, each with an actor system of its own, connected over loopback.</summary>
public sealed class SessionClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<SessionNode> _nodes = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-affinity-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_one_node_adopts_all_nodes_know()
    {
        await Cluster(3);
        Binding[] adopted = [.. Sessions(500).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], adopted);

        await Eventually.Holds(() => _nodes.All(n => adopted.All(b => Knows(n, b))), "all nodes know all sessions");
        await Eventually.Holds(() => _nodes[0].Table.ProvisionalCount == 0, "nothing stays provisional");
        Assert.Equal(500, _nodes[2].Table.Count);
    }

    [Fact]
    public async Task A_session_that_a_node_has_learned_is_known_to_all_before_its_client_is_told()
    {
        await Cluster(3);
        bool inTime = true;
        await Eventually.Holds(
            async () =>
            {
                Binding probe = new(NewSession(), X, 1, Now);
                inTime &= await ShareAsync([probe]);
                return KnowLearned([probe]);
            },
            "the nodes confirm to each other");

        // Nobody waits for long for a node, nor again for one that was silent, and then the client may be told first.
        await Eventually.Holds(
            async () =>
            {
                Binding[] learned = [.. Sessions(200).Select(id => new Binding(id, X, 1, Now))];
                inTime &= await ShareAsync(learned);
                bool known = KnowLearned(learned);
                Assert.True(known || !inTime, "all were told in time, and not all know");
                return known;
            },
            "the others know all sessions when they were told");
        Assert.All(_nodes, n => Assert.Equal(0, n.Table.Count));

        bool KnowLearned(Binding[] learned) =>
            _nodes.Skip(1).All(n => learned.All(b => n.Plane.Learned[Pool].TryGet(b.Id, out Binding known) && known == b));
    }

    [Fact]
    public async Task The_new_home_of_a_known_session_is_known_to_all_when_they_were_told()
    {
        await Cluster(3);
        Binding[] sessions = [.. Sessions(100).Select(id => new Binding(id, X, 1, Now))];
        await WarmUp(sessions);
        await Eventually.Holds(() => _nodes.All(n => sessions.All(b => Knows(n, b))), "all nodes know all sessions");
        Binding[] moved = [.. sessions.Select(b => b.MovedTo(Y, Now))];

        // The first rounds may find a node silent that has just begun.
        await Eventually.Holds(
            async () =>
            {
                await Task.WhenAll(moved.Select(b => _nodes[0].Plane.Rebinder.ShareAsync(Pool, b).AsTask()));
                return _nodes.Skip(1).All(n => moved.All(b => Knows(n, b)));
            },
            "the others know the new homes");

        Assert.All(_nodes.Skip(1), n => Assert.All(moved, b => Assert.False(n.Plane.Learned[Pool].TryGet(b.Id, out _))));
    }

    [Fact]
    public async Task A_node_that_dies_lets_nobody_wait_for_long_and_what_was_learned_is_found()
    {
        await Cluster(3);
        await WarmUp([.. Sessions(20).Select(id => new Binding(id, X, 1, Now))]);
        var learned = new Binding(NewSession(), X, 1, Now);
        await Eventually.Holds(
            async () =>
            {
                await _nodes[0].Plane.Rebinder.ShareAsync(Pool, learned);
                return _nodes.Skip(1).All(n => n.Plane.Learned[Pool].TryGet(learned.Id, out _));
            },
            "the nodes confirm to each other");
        await _nodes[0].KillAsync();

        // More than the one round that finds out that a node is silent.
        for (int i = 0; i < 50; i++)
        {
            await Eventually.Within(_nodes[1].Plane.Rebinder.ShareAsync(Pool, new Binding(NewSession(), Y, 1, Now)).AsTask());
        }

        Assert.All(_nodes.Skip(1), n => Assert.True(n.Plane.Learned[Pool].TryGet(learned.Id, out _)));
    }

    [Fact]
    public async Task Who_does_not_know_a_session_is_told_by_its_owner_and_also_that_there_is_none()
    {
        await Cluster(3);
        Binding[] adopted = [.. Sessions(30).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], adopted);
        await Eventually.Holds(() => _nodes.All(n => adopted.All(b => Knows(n, b))), "all nodes know all sessions");
        foreach (Binding binding in adopted)
        {
            Binding? found = await _nodes[1].Plane.Rebinder.FindAsync(Pool, binding.Id, Patience, CancellationToken.None);
            Assert.Equal(X, found!.Value.Backend);
        }

        SessionId nobody = NewSession();
        Assert.Equal(BackendKey.None, (await _nodes[2].Plane.Rebinder.FindAsync(Pool, nobody, Patience, CancellationToken.None))!.Value.Backend);
    }

    [Fact]
    public async Task Sessions_asked_for_by_three_nodes_at_once_get_one_new_home_each()
    {
        await Cluster(3);
        Binding[] sessions = [.. Sessions(100).Select(id => new Binding(id, X, 1, Now))];
        await WarmUp(sessions);
        _nodes.ForEach(n => Publish(n.Plane, X));

        Binding?[][] answers = await Task.WhenAll(sessions.Select(known =>
            Task.WhenAll(_nodes.Select(n => Rebind(n, known, BackendKey.None)))));

        Assert.All(answers, ofOneSession =>
        {
            Binding home = Assert.NotNull(ofOneSession[0]);
            Assert.Equal(2u, home.Version);
            Assert.NotEqual(X, home.Backend);
            Assert.All(ofOneSession, answer => Assert.Equal((home.Backend, home.Version), (answer!.Value.Backend, answer.Value.Version)));
        });
        await Eventually.Holds(
            () => _nodes.All(n => answers.All(a => Knows(n, a[0]!.Value))), "all nodes know where the sessions live now");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_that_are_to_leave_move_once_each_without_any_request_also_where_a_node_dies_meanwhile(bool aNodeDies)
    {
        await Cluster(3);
        Binding[] sessions = [.. Sessions(300).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes.All(n => sessions.All(b => Knows(n, b))), "all nodes know all sessions");

        SessionMoves moves = SessionMoves.At(_nodes[1].Plane.Clock.UtcNow, sessions.Length, aNodeDies ? 100 : 1_000);
        _nodes.ForEach(n => PublishDraining(n.Plane, X, moves));
        SessionNode[] left = [.. _nodes.Skip(aNodeDies ? 1 : 0)];
        if (aNodeDies)
        {
            await Eventually.Holds(() => sessions.Any(b => !Knows(_nodes[1], b)), "the first has moved");
            await _nodes[0].KillAsync();
        }

        // When each was last used stays: nobody used it.
        PoolSnapshot pool = left[0].Plane.Routing.Pools[Pool];
        Binding[] moved = [.. sessions.Select(b => b.MovedTo(pool.NewHome(b.Id, X)!.Key, b.LastSeen))];
        await Eventually.Holds(() => left.All(n => moved.All(b => n.Table.TryGet(b.Id, out Binding known) && known == b)), "each has moved once");
        await Eventually.Holds(() => left.All(n => n.Table.ProvisionalCount == 0), "nothing stays provisional");
    }

    [Fact]
    public async Task After_the_loss_of_a_node_no_session_is_lost_and_owners_answer_again()
    {
        await Cluster(3);
        Binding[] sessions = [.. Sessions(300).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes.All(n => sessions.All(b => Knows(n, b))), "all nodes know all sessions");

        // The oldest hosts the shard coordinator; what it owns is asked for while it is away and when it is replaced.
        SessionNode killed = _nodes[0];
        SessionNode[] left = [_nodes[1], _nodes[2]];
        await killed.KillAsync();
        Array.ForEach(left, n => Publish(n.Plane, X));

        Assert.All(left, n => Assert.All(sessions, b => Assert.True(Knows(n, b))));
        var homes = new Dictionary<SessionId, Binding>();
        foreach (Binding known in sessions)
        {
            // As the traffic director does: the owner's answer, or the same choice alone, noted and told later.
            Binding? answer = await Rebind(left[0], known, BackendKey.None, TimeSpan.FromMilliseconds(100));
            Binding home = answer ?? known with
            {
                Backend = left[0].Plane.Routing.Pools[Pool].NewHome(known.Id, BackendKey.None)!.Key,
                Version = known.Version + 1,
            };
            left[0].Table.Note(home);
            left[0].Plane.Sessions.Offer(new SessionNotice(Pool, home, SessionNoticeKind.Adopted));
            homes.Add(known.Id, home);
        }

        await Eventually.Holds(() => left[0].Up == 2, "the dead node is out");
        foreach (Binding known in sessions)
        {
            Binding? answer = null;
            await Eventually.Holds(
                async () => (answer = await Rebind(left[1], known, BackendKey.None)) is not null, $"an owner of {known.Id} answers");
            Assert.Equal((homes[known.Id].Backend, 2u), (answer!.Value.Backend, answer.Value.Version));
        }

        await Eventually.Holds(() => left.All(n => homes.Values.All(b => Knows(n, b))), "both know all homes");
    }

    [Fact]
    public async Task A_node_that_joins_has_all_bindings_before_it_is_filled_and_so_have_several_at_once()
    {
        await Cluster(1);
        Binding[] sessions = [.. Sessions(2_000).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes[0].Table is { ProvisionalCount: 0, Count: 2_000 }, "the first node has all");

        SessionNode[] joiners = await Task.WhenAll(Start(1, _nodes[0]), Start(2, _nodes[0]));
        await Task.WhenAll(joiners.Select(async joiner =>
        {
            await Eventually.Within(joiner.Capability.Filled);
            Assert.All(sessions, b => Assert.True(Knows(joiner, b)));
        }));
    }

    [Fact]
    public async Task A_control_plane_that_starts_again_alone_still_has_its_tables_and_its_keys()
    {
        await Cluster(1);
        Binding[] sessions = [.. Sessions(200).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes[0].Table is { ProvisionalCount: 0, Count: 200 }, "the node has all");
        TicketKeyRing keys = _nodes[0].Plane.Keys;

        SessionCapability again = await _nodes[0].RestartActorsAsync();
        await Eventually.Within(Task.WhenAll(again.Filled, again.KeysReady));
        Assert.Equal(keys, _nodes[0].Plane.Keys);
        SessionNode joiner = await Start(1, _nodes[0]);
        await Eventually.Holds(() => sessions.All(b => Knows(joiner, b)), "a node that joins it has the sessions");
        Assert.All(sessions, b => Assert.True(Knows(_nodes[0], b)));
    }

    [Fact]
    public async Task A_control_plane_that_joins_another_cluster_brings_its_tables_along()
    {
        await Cluster(1);
        Binding[] sessions = [.. Sessions(200).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes[0].Table is { ProvisionalCount: 0, Count: 200 }, "the node has all");

        await _nodes[0].LeaveAsync();
        Assert.Same(IRebinder.Unavailable, _nodes[0].Plane.Rebinder);
        SessionNode other = await Start(1, join: null);
        await Eventually.Within(other.Capability.KeysReady);
        _nodes[0] = await SessionNode.StartAsync(_nodes[0].Plane.Settings, other.Address, _nodes[0].Plane);

        await Eventually.Holds(() => sessions.All(b => Knows(other, b)), "the other node has them");
        await Eventually.Holds(
            () => other.Plane.Keys.Keys.Length == 2 && _nodes[0].Plane.Keys.Equals(other.Plane.Keys), "both have both keys");
    }

    [Fact]
    public async Task Nodes_that_meet_after_each_went_on_alone_end_with_equal_buckets_and_the_newer_homes()
    {
        await Cluster(1);
        SessionNode other = await Start(1, join: null);
        Binding[] common = [.. Sessions(300).Select(id => new Binding(id, X, 1, Now))];
        Binding[] here = [.. Sessions(300).Select(id => new Binding(id, X, 1, Now))];
        Binding[] there = [.. Sessions(300).Select(id => new Binding(id, X, 1, Now)), .. common[..100].Select(b => b with { Backend = Y, Version = 2 })];
        Adopt(_nodes[0], [.. common, .. here]);
        Adopt(other, [.. common, .. there]);
        await Eventually.Holds(
            () => _nodes[0].Table is { ProvisionalCount: 0, Count: 600 } && other.Table is { ProvisionalCount: 0, Count: 600 }, "both have their own");

        await other.LeaveAsync();
        SessionNode back = await SessionNode.StartAsync(other.Plane.Settings, _nodes[0].Address, other.Plane);
        _nodes.Add(back);
        await Eventually.Within(back.Capability.Filled);

        Assert.All([.. here, .. common[100..], .. there], b => Assert.True(Knows(back, b)));
        await Eventually.Holds(() => AreEqual(_nodes[0], back), "all buckets are equal");
        Assert.Equal(900, _nodes[0].Table.Count);
        Assert.All(there, b => Assert.True(Knows(_nodes[0], b)));
    }

    [Fact]
    public async Task A_bucket_of_which_nobody_lacks_anything_is_not_sent_when_a_node_comes_back_with_it()
    {
        await Cluster(2);
        Binding[] sessions = [.. Sessions(1_000).Select(id => new Binding(id, X, 1, Now))];
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(
            () => _nodes.All(n => n.Table is { ProvisionalCount: 0, Count: 1_000 }) && AreEqual(_nodes[0], _nodes[1]), "both have all");
        BindingBucket[] before = [.. Enumerable.Range(0, BucketId.Count).Select(_nodes[0].Table.Replicated)];

        SessionCapability again = await _nodes[1].RestartActorsAsync();
        await Eventually.Within(again.Filled);
        Assert.True(AreEqual(_nodes[0], _nodes[1]));
        Assert.All(sessions, b => Assert.True(Knows(_nodes[1], b)));

        // The pages are still the ones that were there before: nothing was read from the wire.
        for (int i = 0; i < BucketId.Count; i++)
        {
            Assert.Same(before[i], _nodes[0].Table.Replicated(i));
        }
    }

    [Fact]
    public async Task A_node_that_leaves_hands_over_what_it_decided_last()
    {
        await Cluster(2);
        Binding[] sessions = [.. Sessions(100).Select(id => new Binding(id, X, 1, Now))];
        await WarmUp(sessions);
        Binding?[] decided = await Task.WhenAll(sessions.Select(b => Rebind(_nodes[1], b, X)));
        await _nodes[1].LeaveAsync();

        await Eventually.Holds(() => decided.All(b => Knows(_nodes[0], Assert.NotNull(b))), "the other node knows every decision");
    }

    [Fact]
    public async Task Nodes_that_start_fresh_together_sign_with_one_key_and_keep_it()
    {
        SessionNode first = await Start(0, join: null);
        await Task.WhenAll(Start(1, first), Start(2, first));
        await Eventually.Within(Task.WhenAll(_nodes.Select(n => n.Capability.KeysReady)));

        TicketKey signer = Assert.Single(_nodes[0].Plane.Keys.Keys);
        Assert.All(_nodes, n => Assert.Equal(signer, Assert.Single(n.Plane.Keys.Keys)));
        Assert.All(_nodes, n => Assert.NotNull(MemoryStateStore.At(n.Plane.Settings.DataDirectory).State("ticket-keys")));
    }

    [Fact]
    public async Task Nodes_that_made_keys_apart_verify_each_others_tickets_when_they_meet()
    {
        SessionNode alone = await Start(0, join: null);
        SessionNode other = await Start(1, join: null);
        await Eventually.Within(Task.WhenAll(alone.Capability.KeysReady, other.Capability.KeysReady));
        TicketKeyRing both = alone.Plane.Keys.Merge(other.Plane.Keys);
        Assert.Equal(2, both.Keys.Length);
        await other.DisposeAsync();

        // It has its key from its disk.
        SessionNode again = await Start(1, join: alone);
        await Eventually.Within(again.Capability.KeysReady);
        Assert.Equal(both.Keys.ToHashSet(), again.Plane.Keys.Keys.ToHashSet());
        await Eventually.Holds(() => alone.Plane.Keys.Keys.Length == 2 && alone.Plane.Keys.Equals(again.Plane.Keys), "both have both keys");
    }

    [Fact]
    public async Task A_node_that_finds_no_cluster_has_a_key_all_the_same()
    {
        NodeSettings settings = Settings("lonely", Path.Combine(_directory, "lonely"), joinTimeout: TimeSpan.FromMilliseconds(200));

        // By default it forms one of its own in two seconds.
        settings = settings with { Cluster = settings.Cluster with { FormAfter = TimeSpan.FromMinutes(5) } };
        SessionNode lonely = await SessionNode.StartAsync(settings, new HostPort("127.0.0.1", 1));
        _nodes.Add(lonely);
        await Eventually.Within(lonely.Capability.KeysReady);
        Assert.False(lonely.Plane.Keys.IsEmpty);
        Assert.Same(IRebinder.Unavailable, lonely.Plane.Rebinder);
    }

    [Fact]
    public async Task Whatever_is_adopted_and_rebound_where_all_nodes_end_with_the_same_buckets()
    {
        await Cluster(3);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        SessionId[] ids = [.. Sessions(60)];
        var rebinds = new List<Task>();
        for (int i = 0; i < 3_000; i++)
        {
            SessionNode node = _nodes[random.Next(3)];
            var binding = new Binding(ids[random.Next(ids.Length)], Backends[random.Next(4)], (uint)random.Next(1, 5), Now + (uint)random.Next(5));
            switch (random.Next(3))
            {
                case 0:
                    rebinds.Add(Rebind(node, binding, binding.Backend));
                    break;
                case 1:
                    Adopt(node, binding);
                    break;
                default:
                    node.Table.Note(binding);
                    node.Plane.Sessions.Offer(new SessionNotice(Pool, binding, SessionNoticeKind.Touched));
                    break;
            }

            if (i % 100 == 99)
            {
                await Task.WhenAll(rebinds);
            }
        }

        await Eventually.Holds(() => _nodes.All(n => n.Table.ProvisionalCount == 0), $"nothing stays provisional (seed {seed})");
        await Eventually.Holds(
            () => Enumerable.Range(0, BucketId.Count).All(i => _nodes.All(n => n.Table.Replicated(i).Equals(_nodes[0].Table.Replicated(i)))),
            $"all tables are the same (seed {seed})");
        Assert.Equal(ids.Length, _nodes[0].Table.Count);
    }

    [Fact]
    public async Task What_nobody_uses_any_more_vanishes_although_nobody_asked_for_its_owner()
    {
        NodeSettings settings = Settings("n0", Path.Combine(_directory, "n0"), idleTimeout: TimeSpan.FromSeconds(4));
        var plane = new DataPlane(settings, TimeProvider.System);
        Binding[] old = [.. Sessions(50).Select(id => new Binding(id, X, 1, Now - 60))];
        var used = new Binding(NewSession(), X, 1, Now + 3600);
        foreach (IGrouping<int, Binding> bucket in old.Append(used).GroupBy(b => BucketId.IndexOf(b.Id)))
        {
            plane.Tables[Pool].Publish(bucket.Key, BindingBucket.Empty.With([.. bucket]));
        }

        SessionNode node = await SessionNode.StartAsync(settings, join: null, plane);
        _nodes.Add(node);
        await Eventually.Holds(() => node.Table.Count == 1, "the old ones are cut off");
        Assert.True(Knows(node, used));
    }

    [Fact]
    public async Task A_node_that_returns_with_what_it_knew_an_hour_ago_learns_where_its_sessions_live_now()
    {
        await Cluster(1);
        SessionId[] ids = [.. Sessions(200)];
        Binding[] now = [.. ids.Select(id => new Binding(id, Y, 2, Now))];
        Adopt(_nodes[0], now);
        await Eventually.Holds(() => _nodes[0].Table is { ProvisionalCount: 0, Count: 200 }, "the node has all");

        NodeSettings settings = Settings("n1", Path.Combine(_directory, "n1"));
        var plane = new DataPlane(settings, TimeProvider.System);
        foreach (IGrouping<int, Binding> bucket in ids.Select(id => new Binding(id, X, 1, Now - 3600)).GroupBy(b => BucketId.IndexOf(b.Id)))
        {
            plane.Tables[Pool].Publish(bucket.Key, BindingBucket.Empty.With([.. bucket]));
        }

        SessionNode back = await SessionNode.StartAsync(settings, _nodes[0].Address, plane);
        _nodes.Add(back);
        await Eventually.Within(back.Capability.Filled);
        Assert.All(now, b => Assert.True(Knows(back, b)));
        Assert.All(now, b => Assert.True(Knows(_nodes[0], b)));
        await Eventually.Holds(() => AreEqual(_nodes[0], back), "all buckets are equal");
    }

    private static uint Now => (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static IEnumerable<SessionId> Sessions(int count) => Enumerable.Range(0, count).Select(_ => NewSession());

    private static bool Knows(SessionNode node, Binding binding) =>
        node.Table.TryGet(binding.Id, out Binding known) && known.Backend == binding.Backend && known.Version == binding.Version;

    private static bool AreEqual(SessionNode one, SessionNode other) =>
        Enumerable.Range(0, BucketId.Count).All(i => one.Table.Replicated(i).Equals(other.Table.Replicated(i)));

    private static void Adopt(SessionNode node, params Binding[] bindings)
    {
        foreach (Binding binding in bindings)
        {
            node.Table.Note(binding);
            node.Plane.Sessions.Offer(new SessionNotice(Pool, binding, SessionNoticeKind.Adopted));
        }
    }

    private static async Task<Binding?> Rebind(SessionNode node, Binding known, BackendKey failed, TimeSpan? timeout = null) =>
        (await node.Plane.Rebinder.RebindAsync(Pool, known, failed, timeout ?? Patience, CancellationToken.None))?.Binding;

    /// <summary>The first node has the others know sessions.</summary>
    /// <returns>Nobody can have been given up: it took far less than they have.</returns>
    private async Task<bool> ShareAsync(Binding[] sessions)
    {
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(sessions.Select(b => _nodes[0].Plane.Rebinder.ShareAsync(Pool, b).AsTask()));
        return Stopwatch.GetElapsedTime(began) < SessionBounds.ShareTimeout / 2;
    }

    private async Task Cluster(int count)
    {
        SessionNode first = await Start(0, join: null);
        await Task.WhenAll(Enumerable.Range(1, count - 1).Select(i => Start(i, first)));
        await Eventually.Holds(() => _nodes.All(n => n.Up == count), $"{count} members are up");
        await Eventually.Within(Task.WhenAll(_nodes.SelectMany(n => new[] { n.Capability.Filled, n.Capability.KeysReady })));
        await Eventually.Holds(() => _nodes.All(n => n.Plane.Rebinder != IRebinder.Unavailable), "owners can be asked");
    }

    // Shards and entities are started by the first message; the limit of waiting rebinds is for a cluster that runs.
    private async Task WarmUp(Binding[] sessions)
    {
        Adopt(_nodes[0], sessions);
        await Eventually.Holds(() => _nodes.All(n => sessions.All(b => Knows(n, b))), "all nodes know all sessions");
    }

    /// <summary>Without a node to join it is a cluster of its own.</summary>
    private async Task<SessionNode> Start(int index, SessionNode? join)
    {
        SessionNode node = await SessionNode.StartAsync(Settings($"n{index}", Path.Combine(_directory, $"n{index}")), join?.Address);
        lock (_nodes)
        {
            _nodes.Add(node);
        }

        return node;
    }
}
