using System.Collections.Immutable;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class AdmissionTests
{
    private readonly PoolSnapshot _pool = Pool(TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3") with
    {
        MaxConnections = 1,
        Queue = new QueueSettings(1, TimeSpan.FromSeconds(1)),
    });

    [Fact]
    public void While_nothing_is_full_nobody_is_sent_elsewhere_and_no_turn_is_used_up()
    {
        foreach (string expected in (string[])["s:1", "s:2", "s:3"])
        {
            Assert.Equal(expected, Enter(NewSession()).Backend!.Id);
        }

        Assert.Equal(0, _pool.Rotation.Next(_pool.Cursor));
    }

    [Fact]
    public void A_new_session_goes_to_the_next_in_turn_that_has_a_place_and_its_ticket_names_that_one()
    {
        Enter(At(0));
        Enter(At(1));
        Assert.Equal(0, _pool.Rotation.Next(_pool.Cursor));

        Assignment entered = Enter(At(0));

        Assert.Equal("s:3", entered.Backend!.Id);
        Assert.Equal(entered.Backend.Key, entered.Binding.Backend);
        Assert.Equal(1, entered.Backend.Traffic.Gate.Inside);
    }

    [Fact]
    public void What_a_full_backend_cannot_take_is_spread_over_the_others()
    {
        PoolSnapshot pool = Pool(TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3") with { MaxConnections = 0 }, full: 0);
        Assert.True(pool.Backends[0].Traffic.Gate.TryEnter(1));
        for (int i = 0; i < 30; i++)
        {
            Assignment assignment = New(pool, pool.Backends[pool.Rotation.Next(pool.Cursor)]);
            Assert.True(Admission.TryEnter(ref assignment, BackendKey.None));
        }

        Assert.Equal([1, 15, 15], pool.Backends.Select(b => b.Traffic.Gate.Inside));
    }

    [Fact]
    public void A_session_waits_for_its_own_backend_though_others_have_places()
    {
        Enter(At(0));
        Assignment bound = At(0) with { IsBound = true };
        Assert.False(Admission.TryEnter(ref bound, BackendKey.None));

        var waiter = new BackendGateTests.Waiter();
        Assert.True(Admission.TryQueue(ref bound, BackendKey.None, waiter));

        Assert.Equal("s:1", bound.Backend!.Id);
        Gate(0).Leave();
        Assert.Equal(1, waiter.Admissions);
    }

    // A look around for a place takes as many turns each time, which may be a part of the pool's size.
    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    [InlineData(1000)]
    public void Where_all_are_full_as_many_new_sessions_wait_at_each(int backends)
    {
        PoolSnapshot pool = Pool(TestPools.Pool("web", [.. Enumerable.Range(1, backends).Select(i => $"http://s:{i}")]) with
        {
            MaxConnections = 1,
            Queue = new QueueSettings(10, TimeSpan.FromSeconds(1)),
        });
        Assert.All(pool.Backends, b => Assert.True(b.Traffic.Gate.TryEnter(1)));
        for (int i = 0; i < 3 * backends; i++)
        {
            Assignment assignment = New(pool, pool.Backends[pool.Rotation.Next(pool.Cursor)]);
            Assert.False(Admission.TryEnter(ref assignment, BackendKey.None));
            Assert.True(Admission.TryQueue(ref assignment, BackendKey.None, new BackendGateTests.Waiter()));
            Assert.Equal(assignment.Backend!.Key, assignment.Binding.Backend);
        }

        Assert.All(pool.Backends, b => Assert.Equal(3, b.Traffic.Gate.Waiting));
    }

    [Fact]
    public void Where_that_queue_is_full_it_waits_at_another_and_where_all_are_it_is_refused_once()
    {
        FillAll();
        var queued = new List<string>();
        Assignment assignment = default;
        for (int i = 0; i < 3; i++)
        {
            assignment = At(0);
            Assert.True(Admission.TryQueue(ref assignment, BackendKey.None, new BackendGateTests.Waiter()));
            queued.Add(assignment.Backend!.Id);
        }

        Assert.Equal(["s:1", "s:2", "s:3"], queued.Order());
        assignment = At(0);
        Assert.False(Admission.TryQueue(ref assignment, BackendKey.None, new BackendGateTests.Waiter()));
        Assert.Equal("s:1", assignment.Backend!.Id);
        Assert.Equal([1L, 0, 0], _pool.Backends.Select(b => b.Traffic.QueueRefusals));
        Assert.All(_pool.Backends, b => Assert.Equal(0, b.Traffic.Failures));
    }

    [Fact]
    public void A_full_queue_sends_a_session_nowhere_else()
    {
        Enter(At(0));
        Assignment bound = At(0) with { IsBound = true };
        Assert.True(Admission.TryQueue(ref bound, BackendKey.None, new BackendGateTests.Waiter()));
        Assert.False(Admission.TryQueue(ref bound, BackendKey.None, new BackendGateTests.Waiter()));
        Assert.Equal("s:1", bound.Backend!.Id);
    }

    [Fact]
    public void Nobody_is_sent_to_a_backend_that_just_failed_him_or_whose_circuit_is_open()
    {
        Enter(At(0));
        _pool.Backends[2].Traffic.OpenCircuit();
        Assignment assignment = At(0);

        Assert.False(Admission.TryEnter(ref assignment, _pool.Backends[1].Key));
        Assert.Equal("s:1", assignment.Backend!.Id);
        Assert.True(Admission.TryEnter(ref assignment, BackendKey.None));
        Assert.Equal("s:2", assignment.Backend!.Id);
    }

    [Fact]
    public void A_backend_that_the_rotation_seldom_names_is_found_all_the_same()
    {
        PoolSettings settings = TestPools.Pool("web", "http://s:1", "http://s:2") with { MaxConnections = 1 };
        PoolSnapshot pool = Pool(settings with { Backends = [settings.Backends[0] with { Weight = 256 }, settings.Backends[1]] });
        for (int i = 0; i < 2; i++)
        {
            Assignment assignment = New(pool, pool.Backends[0]);
            Assert.True(Admission.TryEnter(ref assignment, BackendKey.None));
            Assert.Equal(i, pool.Backends.IndexOf(assignment.Backend!));
        }
    }

    [Fact]
    public void A_pool_without_sessions_names_no_binding()
    {
        Enter(At(0));
        Assignment assignment = At(0) with { Binding = default };
        Assert.True(Admission.TryEnter(ref assignment, BackendKey.None));
        Assert.Equal(default, assignment.Binding);
    }

    [Fact]
    public void A_backend_has_its_own_limit_before_the_pools()
    {
        PoolSettings settings = TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3") with { MaxConnections = 5 };
        PoolSnapshot pool = Pool(settings with
        {
            Backends = [settings.Backends[0] with { MaxConnections = 2 }, settings.Backends[1] with { MaxConnections = 0 }, settings.Backends[2]],
        });
        Assert.Equal([2, 0, 5], pool.Backends.Select(b => b.MaxConnections));
    }

    private BackendGate Gate(int index) => _pool.Backends[index].Traffic.Gate;

    private Assignment NewSession() => At(_pool.Rotation.Next(_pool.Cursor));

    private Assignment At(int index) => New(_pool, _pool.Backends[index]);

    private static Assignment New(PoolSnapshot pool, BackendSnapshot backend) =>
        new(pool, backend, new Binding(default, backend.Key, 1, 0), IsBound: false, NeedsTicket: true);

    private static Assignment Enter(Assignment assignment)
    {
        Assert.True(Admission.TryEnter(ref assignment, BackendKey.None));
        return assignment;
    }

    private void FillAll() => Assert.All(_pool.Backends, b => Assert.True(b.Traffic.Gate.TryEnter(1)));

    /// <param name="full">A backend with one place, where the others have as the pool says.</param>
    private static PoolSnapshot Pool(PoolSettings settings, int? full = null)
    {
        if (full is { } index)
        {
            settings = settings with
            {
                Backends = [.. settings.Backends.Select((b, i) => i == index ? b with { MaxConnections = 1 } : b)],
            };
        }

        ImmutableDictionary<string, BackendTraffic> traffic = settings.Backends.ToImmutableDictionary(b => b.Id, _ => new BackendTraffic());
        return RoutingSnapshots.Pool(
            settings,
            _ => new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1),
            id => traffic[id],
            new RotationCursor());
    }
}
