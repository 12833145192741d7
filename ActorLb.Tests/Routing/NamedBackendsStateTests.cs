using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Routing;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Sessions;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class NamedBackendsStateTests
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly NamedBackends Web = new("web", 8080, 2) { MaxConnections = 9 };
    private static readonly NamedBackends More = new("more", 8080, 1);
    private static readonly PoolSettings Pool = SessionWorld.Settings(backends: 1).Topology.Pools["web"] with { Names = [Web] };

    [Fact]
    public void Before_the_first_look_up_only_what_is_listed_is_there() =>
        Assert.Equal(["web-1"], Ids(NamedBackendsState.Start(Pool, Pool.Backends)));

    [Fact]
    public void Every_address_of_the_name_is_a_backend_and_those_of_the_first_look_up_serve_at_once()
    {
        NamedBackendsState state = First("10.0.0.2", "10.0.0.1", "::1");
        Assert.Equal(["web-1", "10.0.0.1:8080", "10.0.0.2:8080", "[::1]:8080"], Ids(state));
        BackendSettings found = state.Backends(Start, Settle)[1];
        Assert.Equal((new Uri("http://10.0.0.1:8080"), 2, true), (found.Address, found.Weight, found.TakesNewSessions));
        Assert.Equal(9, found.MaxConnections);
    }

    [Fact]
    public void A_new_address_waits_until_all_nodes_know_it()
    {
        NamedBackendsState state = First("10.0.0.1").With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        Assert.Equal([true, true, false], state.Backends(Start + Settle - TimeSpan.FromTicks(1), Settle).Select(b => b.TakesNewSessions));
        Assert.Equal([true, true, true], state.Backends(Start + Settle, Settle).Select(b => b.TakesNewSessions));
    }

    [Fact]
    public void An_address_that_is_gone_stays_without_new_sessions_until_it_is_forgotten_or_comes_back()
    {
        NamedBackendsState gone = First("10.0.0.1", "10.0.0.2").With(Web, Addresses("10.0.0.2"), Start);
        Assert.Equal(["10.0.0.1:8080"], gone.Gone);
        Assert.Equal([true, false, true], gone.Backends(Start, Settle).Select(b => b.TakesNewSessions));
        Assert.Equal(["web-1", "10.0.0.2:8080"], Ids(gone.Without("10.0.0.1:8080")));
        Assert.Same(gone, gone.Without("10.0.0.2:8080"));

        NamedBackendsState back = gone.With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        Assert.Empty(back.Gone);
        Assert.Equal([true, false, true], back.Backends(Start, Settle).Select(b => b.TakesNewSessions));
        Assert.All(back.Backends(Start + Settle, Settle), b => Assert.True(b.TakesNewSessions));
    }

    [Fact]
    public void An_address_that_an_operator_weighed_has_that_weight_for_as_long_as_it_stands()
    {
        PoolSettings weighed = Pool with { Overrides = [new BackendOverride("10.0.0.1:8080") { Weight = 7 }] };
        NamedBackendsState state = NamedBackendsState.Start(weighed, weighed.Backends).With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        ImmutableArray<BackendSettings> backends = state.Backends(Start, Settle);
        Assert.Equal([7, 2], backends.Skip(1).Select(b => b.Weight));
        NamedBackendsState reset = NamedBackendsState.Start(Pool, backends).With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        Assert.Equal([2, 2], reset.Backends(Start, Settle).Skip(1).Select(b => b.Weight));
    }

    [Fact]
    public void An_address_that_an_operator_removed_drains_though_the_name_leads_to_it_and_stays_out_until_it_is_taken_back()
    {
        PoolSettings removed = Pool with
        {
            Overrides = [new BackendOverride("10.0.0.1:8080") { Removal = new BackendRemoval(Start, null, null, 1, "n1") }],
        };
        NamedBackendsState state = NamedBackendsState.Start(removed, First("10.0.0.1", "10.0.0.2").Backends(Start, Settle))
            .With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start + Settle);
        Assert.Equal(["10.0.0.1:8080"], state.Gone);
        Assert.Equal([true, false, true], state.Backends(Start + Settle, Settle).Select(b => b.TakesNewSessions));
        NamedBackendsState forgotten = state.Without("10.0.0.1:8080").With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start + Settle)
            .WithTold(Told(("10.0.0.1:8080", "http://10.0.0.1:8080")), Start + Settle);
        Assert.Equal(["web-1", "10.0.0.2:8080"], Ids(forgotten));

        NamedBackendsState back = NamedBackendsState.Start(Pool, state.Backends(Start, Settle)).With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        Assert.All(back.Backends(Start + Settle, Settle), b => Assert.True(b.TakesNewSessions));
    }

    [Fact]
    public void A_node_that_starts_has_what_was_removed_for_its_sessions()
    {
        PoolSettings removed = Pool with
        {
            Backends = [], Overrides = [new BackendOverride("10.0.0.1:8080") { Removal = new BackendRemoval(Start, null, null, 1, "n1") }],
        };
        NamedBackendsState state = NamedBackendsState.Start(removed, []).With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        Assert.Equal(["10.0.0.1:8080"], state.Gone);
        Assert.Equal(Start, state.Backends(Start, Settle).Single(b => b.Id == "10.0.0.1:8080").LeftAt);
    }

    [Fact]
    public void What_other_nodes_alone_know_keeps_its_sessions_and_gets_no_new_ones()
    {
        NamedBackendsState told = First("10.0.0.1").WithTold(Told(("10.0.0.1:8080", "http://other:1"), ("web-1", "http://other:1"), ("web-9", "http://10.0.0.9:80")), Start);
        Assert.Equal(["web-1", "10.0.0.1:8080", "web-9"], Ids(told));
        BackendSettings[] backends = [.. told.Backends(Start + Settle, Settle)];

        // What is known here keeps the address that is written here.
        Assert.NotEqual(new Uri("http://other:1"), backends[0].Address);
        Assert.Equal(new Uri("http://10.0.0.1:8080"), backends[1].Address);
        Assert.Equal((new Uri("http://10.0.0.9:80"), false, true, null), (backends[2].Address, backends[2].TakesNewSessions, backends[2].IsTold, backends[2].LeftAt));
        Assert.Empty(told.Gone);
    }

    [Fact]
    public void What_nobody_tells_any_more_leaves_and_is_there_again_when_it_is_told_again()
    {
        NamedBackendsState told = First("10.0.0.1").WithTold(Told(("web-9", "http://10.0.0.9:80")), Start);
        NamedBackendsState gone = told.WithTold(Told(), Start);
        Assert.Equal(["web-9"], gone.Gone);
        Assert.Equal(Start, gone.Backends(Start, Settle)[2].LeftAt);
        Assert.Empty(gone.WithTold(Told(("web-9", "http://10.0.0.9:80")), Start).Gone);
        Assert.Equal(["web-1", "10.0.0.1:8080"], Ids(gone.Without("web-9")));
    }

    [Fact]
    public void A_told_address_to_which_a_name_leads_is_an_ordinary_backend()
    {
        NamedBackendsState named = First("10.0.0.1").WithTold(Told(("10.0.0.2:8080", "http://10.0.0.2:8080")), Start)
            .With(Web, Addresses("10.0.0.1", "10.0.0.2"), Start);
        BackendSettings backend = named.Backends(Start + Settle, Settle)[2];
        Assert.Equal(("10.0.0.2:8080", false, true, 2), (backend.Id, backend.IsTold, backend.TakesNewSessions, backend.Weight));
    }

    [Fact]
    public void What_is_on_its_way_out_stays_so_whatever_others_tell()
    {
        NamedBackendsState gone = First("10.0.0.1", "10.0.0.2").With(Web, Addresses("10.0.0.2"), Start);
        Assert.Equal(["10.0.0.1:8080"], gone.WithTold(Told(("10.0.0.1:8080", "http://10.0.0.1:8080")), Start).Gone);
    }

    [Fact]
    public void A_scheme_that_this_nodes_pool_does_not_speak_is_not_used() =>
        Assert.Equal(["web-1", "10.0.0.1:8080"], Ids(First("10.0.0.1").WithTold(Told(("web-9", "https://10.0.0.9")), Start)));

    [Fact]
    public void What_drains_at_the_others_drains_here_since_the_same_moment()
    {
        var leaving = new Dictionary<string, ToldBackend> { ["web-9"] = new(new Uri("http://10.0.0.9:80"), Start) };
        NamedBackendsState told = First("10.0.0.1").WithTold(leaving, Start.AddHours(1));
        Assert.Equal((false, Start), (told.Backends(Start, Settle)[2].TakesNewSessions, told.Backends(Start, Settle)[2].LeftAt));
        Assert.Equal(["web-9"], told.Gone);
        Assert.Null(told.WithTold(Told(("web-9", "http://10.0.0.9:80")), Start).Backends(Start, Settle)[2].LeftAt);
    }

    private static Dictionary<string, ToldBackend> Told(params (string Id, string Address)[] told) => told.ToDictionary(t => t.Id, t => new ToldBackend(new Uri(t.Address), null));

    [Fact]
    public void What_an_earlier_run_knew_stays_until_every_name_was_looked_up_and_is_gone_then()
    {
        PoolSettings pool = Pool with { Names = [Web, More] };
        NamedBackendsState before = NamedBackendsState.Start(pool, pool.Backends).With(Web, Addresses("10.0.0.1", "10.0.0.9"), Start);
        NamedBackendsState again = NamedBackendsState.Start(pool, before.Backends(Start, Settle)).With(Web, Addresses("10.0.0.1"), Start);
        Assert.Empty(again.Gone);
        Assert.Equal(["10.0.0.9:8080"], again.With(More, [], Start).Gone);
    }

    [Fact]
    public void One_name_does_not_take_away_what_another_one_leads_to()
    {
        PoolSettings pool = Pool with { Names = [Web, More] };
        NamedBackendsState state = NamedBackendsState.Start(pool, pool.Backends)
            .With(Web, Addresses("10.0.0.1"), Start)
            .With(More, Addresses("10.0.0.2"), Start)
            .With(Web, Addresses("10.0.0.1"), Start);
        Assert.Empty(state.Gone);
        Assert.Equal(["web-1", "10.0.0.1:8080", "10.0.0.2:8080"], Ids(state));
    }

    [Fact]
    public void An_address_that_is_listed_anyway_is_not_there_twice()
    {
        PoolSettings pool = Pool with { Backends = [new BackendSettings("10.0.0.1:8080", new Uri("http://10.0.0.1:8080"), 1)] };
        Assert.Equal(
            ["10.0.0.1:8080"], Ids(NamedBackendsState.Start(pool, pool.Backends).With(Web, Addresses("10.0.0.1"), Start)));
    }

    private static NamedBackendsState First(params string[] addresses) =>
        NamedBackendsState.Start(Pool, Pool.Backends).With(Web, Addresses(addresses), Start);

    private static ImmutableArray<IPAddress> Addresses(params string[] addresses) => [.. addresses.Select(IPAddress.Parse)];

    private static IEnumerable<string> Ids(NamedBackendsState state) => state.Backends(Start, Settle).Select(b => b.Id);
}
