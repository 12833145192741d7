using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class BindingTableTests
{
    private static readonly SessionId Session = new(5, 6);

    [Fact]
    public void A_noted_binding_is_found_until_the_replica_says_it_and_then_from_there()
    {
        var table = new BindingTable(10);
        var noted = new Binding(Session, X, 1, 100);
        Assert.True(table.Note(noted));
        Assert.Equal(1, table.ProvisionalCount);

        table.Publish(0, BindingBucket.Empty.With([noted]));

        Assert.True(table.TryGet(Session, out Binding found));
        Assert.Equal(noted, found);
        Assert.Equal(0, table.ProvisionalCount);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void A_replica_that_knows_less_does_not_hide_what_was_noted()
    {
        var table = new BindingTable(10);
        table.Note(new Binding(Session, Y, 2, 100));
        table.Publish(0, BindingBucket.Empty.With([new Binding(Session, X, 1, 200)]));

        Assert.True(table.TryGet(Session, out Binding found));
        Assert.Equal(new Binding(Session, Y, 2, 200), found);
        Assert.Equal(1, table.ProvisionalCount);
    }

    [Fact]
    public void A_replica_that_moved_on_wins_over_what_was_noted()
    {
        var table = new BindingTable(10);
        table.Note(new Binding(Session, X, 1, 100));
        table.Publish(0, BindingBucket.Empty.With([new Binding(Session, Y, 2, 100)]));

        Assert.True(table.TryGet(Session, out Binding found));
        Assert.Equal(Y, found.Backend);
        Assert.Empty(table.Provisional);
    }

    [Fact]
    public async Task Nothing_stays_provisional_that_the_replica_says_whichever_came_first()
    {
        const uint Versions = 20_000;
        var table = new BindingTable(10);
        Task publishing = Task.Run(() =>
        {
            for (uint version = 1; version <= Versions; version++)
            {
                table.Publish(0, BindingBucket.Empty.With([new Binding(Session, X, version, 100)]));
            }
        });
        for (uint version = 1; version <= Versions; version++)
        {
            table.Note(new Binding(Session, X, version, 100));
        }

        await publishing;
        Assert.Equal(0, table.ProvisionalCount);
        Assert.True(table.Note(new Binding(Session, X, Versions, 99)));
        Assert.Equal(0, table.ProvisionalCount);
    }

    [Fact]
    public void The_table_says_what_both_layers_merge_to() =>
        Gen.Select(GenCrowdedBinding.Array[0, 30], GenCrowdedBinding.Array[0, 30], Gen.Bool).Sample((noted, replicated, publishFirst) =>
        {
            var table = new BindingTable(100_000);
            BindingBucket bucket = BindingBucket.Empty.With(replicated);
            Action publish = () => table.Publish(0, bucket);
            Action note = () => Array.ForEach(noted, b => table.Note(b));
            foreach (Action action in publishFirst ? [publish, note] : new[] { note, publish })
            {
                action();
            }

            BindingBucket all = bucket.With(noted);
            foreach (SessionId id in noted.Concat(replicated).Select(b => b.Id))
            {
                Assert.True(table.TryGet(id, out Binding found) & all.TryGet(id, out Binding expected));
                Assert.Equal(expected, found);
            }

            Assert.Equal(all.Count, table.CountByBackend(1_000, TimeSpan.FromHours(1)).Values.Sum());
        });

    [Fact]
    public void Buckets_of_which_a_session_lives_at_a_backend_are_found_in_both_layers_and_not_when_it_has_moved_or_ended()
    {
        var table = new BindingTable(100);
        SessionId first = new(1UL << 54, 1), second = new(2UL << 54, 1), third = new(3UL << 54, 1);
        table.Publish(1, BindingBucket.Empty.With([new Binding(first, X, 1, 100)]));
        table.Note(new Binding(second, X, 1, 100));
        table.Note(new Binding(third, Y, 1, 100));
        TimeSpan timeout = TimeSpan.FromSeconds(50);
        var backends = new HashSet<BackendKey> { X };
        Assert.Equal([1, 2], table.BucketsWith(backends, 150, timeout));
        Assert.Empty(table.BucketsWith(backends, 151, timeout));

        table.Publish(1, BindingBucket.Empty.With([new Binding(first, Y, 2, 100)]));
        Assert.Equal([2], table.BucketsWith(backends, 150, timeout));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(11, false)]
    public void A_full_table_takes_nothing_new_but_keeps_learning_about_what_it_has(int held, bool takes)
    {
        var table = new BindingTable(10);
        for (uint i = 0; i < held; i++)
        {
            table.Note(new Binding(new SessionId(i, 0), X, 1, 100));
        }

        Assert.Equal(takes, table.Note(new Binding(Session, X, 1, 100)));
        Assert.True(table.Note(new Binding(new SessionId(0, 0), Y, 2, 100)));
        Assert.Equal(Math.Min(10, held + 1), table.Count);
        Assert.Equal(Math.Max(0, held - 9), table.Refused);
    }

    [Fact]
    public async Task Many_writers_together_do_not_pass_the_limit()
    {
        var table = new BindingTable(500);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (uint i = 0; i < 1000; i++)
            {
                table.Note(new Binding(new SessionId((ulong)i << 54, (ulong)writer % 2), X, 1, 100));
            }
        })));
        Assert.Equal(500, table.Count);
        Assert.Equal(500, table.Provisional.Count);
    }

    [Fact]
    public async Task A_reader_never_misses_a_binding_that_moves_from_one_layer_to_the_other()
    {
        const int Sessions = 2_000;
        var table = new BindingTable(10_000);
        using var published = new CancellationTokenSource();
        var current = new Binding(Session, X, 1, 100);
        table.Note(current);
        Task<int> misses = Task.Run(() =>
        {
            int missed = 0;
            while (!published.IsCancellationRequested)
            {
                missed += table.TryGet(Session, out _) ? 0 : 1;
            }

            return missed;
        });

        BindingBucket bucket = BindingBucket.Empty;
        for (uint version = 2; version < Sessions; version++)
        {
            bucket = bucket.With([current]);
            table.Publish(0, bucket);
            current = current with { Version = version };
            table.Note(current);
        }

        await published.CancelAsync();
        Assert.Equal(0, await misses);
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    public void A_replicated_bucket_does_not_push_the_table_over_its_limit(int replicated, int keptOut)
    {
        var table = new BindingTable(10);
        BindingBucket bucket = BindingBucket.Empty.With([.. Enumerable.Range(0, replicated).Select(i => new Binding(new SessionId((ulong)i, 0), X, 1, 100))]);
        table.Publish(0, bucket);
        var known = new SessionId((ulong)replicated - 1, 0);
        table.Publish(0, bucket.With([new Binding(known, Y, 2, 100)]));

        Assert.Equal(replicated - keptOut, table.Count);
        Assert.Equal(keptOut, table.Refused);
        Assert.True(table.TryGet(known, out Binding moved));
        Assert.Equal(Y, moved.Backend);
    }

    [Fact]
    public void A_full_table_has_places_for_sessions_that_moved_and_a_limit_for_these_too()
    {
        var table = new BindingTable(2);
        int all = SessionPlaces.OfPool(2).WithMovedMax;
        var places = Enumerable.Range(0, all + 1).Select(i => new SessionId((ulong)(i % BucketId.Count) << 54, (ulong)i)).ToList();
        Assert.True(table.Note(new Binding(places[0], X, 1, 100)));
        Assert.True(table.Note(new Binding(places[1], X, 1, 100)));
        Assert.False(table.Note(new Binding(places[2], X, 1, 100)));
        for (int i = 2; i < all; i++)
        {
            Assert.True(table.Note(new Binding(places[i], X, 2, 100)));
        }

        Assert.False(table.Note(new Binding(places[all], X, 2, 100)));
        Assert.Equal((all, 2), (table.Count, table.Refused));
    }

    [Fact]
    public void Of_a_replicated_bucket_beyond_the_limit_those_that_moved_are_taken_in()
    {
        var table = new BindingTable(2);
        table.Publish(0, BindingBucket.Empty.With([.. Enumerable.Range(0, 6).Select(i => new Binding(new SessionId((ulong)i, 0), X, i < 4 ? 1u : 2u, 100))]));

        Assert.Equal([4UL, 5UL], Enumerable.Range(0, 6).Select(i => (ulong)i).Where(i => table.TryGet(new SessionId(i, 0), out _)));
        Assert.Equal((2, 4), (table.Count, table.Refused));
    }

    [Fact]
    public void A_full_table_keeps_the_sessions_that_it_knows_and_takes_others_in_when_there_is_room()
    {
        const ulong OtherBucket = 1UL << 54;
        var known = new Binding(new SessionId(OtherBucket, 1), X, 1, 100);
        var fresh = new Binding(new SessionId(OtherBucket, 0), X, 1, 100);
        var table = new BindingTable(2);
        table.Publish(0, BindingBucket.Empty.With([new Binding(Session, X, 1, 100)]));
        table.Note(known);

        table.Publish(1, BindingBucket.Empty.With([known, fresh]));
        Assert.True(table.TryGet(known.Id, out _));
        Assert.False(table.TryGet(fresh.Id, out _));
        Assert.Equal(2, table.Count);
        Assert.Equal(0, table.ProvisionalCount);
        Assert.Equal(1, table.Refused);

        table.Publish(0, BindingBucket.Empty);
        table.Publish(1, BindingBucket.Empty.With([known, fresh]));
        Assert.True(table.TryGet(fresh.Id, out _));
        Assert.Equal(1, table.Refused);
    }

    [Fact]
    public async Task Notes_and_buckets_together_do_not_pass_the_limit()
    {
        var table = new BindingTable(500);
        Task publishing = Task.Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                table.Publish(i, BindingBucket.Empty.With([.. Enumerable.Range(0, 5).Select(n => new Binding(new SessionId((ulong)i << 54, (ulong)n), X, 1, 100))]));
            }
        });
        for (uint i = 0; i < 2000; i++)
        {
            table.Note(new Binding(new SessionId((ulong)(500 + (i % 200)) << 54, i), X, 1, 100));
        }

        await publishing;
        Assert.InRange(table.Count, 499, 500);
        Assert.Equal(table.Count, table.CountByBackend(100, TimeSpan.FromHours(1)).Values.Sum());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_million_sessions_of_one_bucket_get_no_more_room_than_a_bucket_has(int over)
    {
        const int SessionsMax = 1_000_000;
        int bucketMax = BucketId.SessionsMax(SessionsMax);
        var table = new BindingTable(SessionsMax);
        for (int i = 0; i < bucketMax + over; i++)
        {
            table.Note(new Binding(new SessionId(0, (ulong)i), X, 1, 100));
        }

        Assert.Equal(Math.Min(bucketMax, bucketMax + over), table.Count);
        Assert.Equal(Math.Max(0, over), table.Refused);
        Assert.True(table.Note(new Binding(new SessionId(1UL << 54, 0), X, 1, 100)));
        Assert.InRange(bucketMax, 1_100, 1_300);
    }

    [Fact]
    public void Sessions_are_counted_anew_when_a_bucket_changes_or_one_of_them_ends()
    {
        var table = new BindingTable(10);
        BindingBucket bucket = BindingBucket.Empty.With([new Binding(Session, X, 1, 100), new Binding(new SessionId(9, 9), Y, 1, 150)]);
        table.Publish(0, bucket);
        TimeSpan timeout = TimeSpan.FromSeconds(50);
        Assert.Equal(1, table.CountByBackend(150, timeout)[X]);
        Assert.Equal(1, table.CountByBackend(150, timeout)[X]);
        Assert.False(table.CountByBackend(151, timeout).ContainsKey(X));
        Assert.Equal(1, table.CountByBackend(150, timeout)[X]);
        Assert.Equal(2, table.CountByBackend(500, TimeSpan.FromHours(1)).Values.Sum());

        table.Publish(0, bucket.With([new Binding(Session, Y, 2, 150)]));
        Assert.Equal(2, table.CountByBackend(150, timeout)[Y]);
    }

    [Fact]
    public void Unused_provisional_bindings_end_and_used_ones_stay()
    {
        var table = new BindingTable(10);
        table.Note(new Binding(Session, X, 1, 100));
        table.Note(new Binding(new SessionId(9, 9), X, 1, 101));
        table.Expire(1901, TimeSpan.FromMinutes(30));
        Assert.False(table.TryGet(Session, out _));
        Assert.True(table.TryGet(new SessionId(9, 9), out _));
        Assert.Equal(1, table.Count);
    }
}
