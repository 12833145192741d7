using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>How WebSockets and event streams may end, and that no other end is let pass.</summary>
public sealed class TunnelAllowanceTests
{
    /// <summary>Of the session s at x through a; last heard half a second before 2.1.</summary>
    private static readonly Tunnel Socket = new() { Browser = 1, Node = "a", Session = "s", Backend = "x", Opened = 1, Heard = 1.6, Ended = 2.1, End = TunnelEnd.Broken };

    private static readonly Tunnel Stream = Socket with { Kind = TunnelKind.EventStream };

    public static TheoryData<TunnelKind, TunnelEnd, int> Ends => new()
    {
        { TunnelKind.WebSocket, TunnelEnd.Closed, 1001 }, { TunnelKind.WebSocket, TunnelEnd.Closed, 1000 }, { TunnelKind.WebSocket, TunnelEnd.Broken, 0 }, { TunnelKind.WebSocket, TunnelEnd.Silent, 0 },
        { TunnelKind.EventStream, TunnelEnd.Closed, 0 }, { TunnelKind.EventStream, TunnelEnd.Broken, 0 }, { TunnelKind.EventStream, TunnelEnd.Silent, 0 },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void None_ends_while_nothing_happens(TunnelKind kind, TunnelEnd end, int code) =>
        Assert.Equal([11], new WrittenHistory().Tunnel(Socket with { Kind = kind, End = end, Code = code }).Broken());

    [Theory]
    [MemberData(nameof(Ends))]
    public void None_ends_because_other_nodes_are_cut_off_killed_or_stopped(TunnelKind kind, TunnelEnd end, int code)
    {
        Tunnel tunnel = Socket with { Kind = kind, End = end, Code = code };
        Assert.Equal([6], new WrittenHistory().Fault(FaultKind.CutSides, 1.5, 8).Tunnel(tunnel).Broken());
        Assert.Equal([6], new WrittenHistory().Away(FaultKind.Disconnect, 1.5, 8, "b").Tunnel(tunnel).Broken());
        Assert.Equal([5], new WrittenHistory().Away(FaultKind.KillNode, 1.5, 8, "b").Tunnel(tunnel).Broken());
        Assert.Equal([5], new WrittenHistory().Away(FaultKind.RollingRestart, 1.5, 8, "b", gracefully: true).Tunnel(tunnel).Broken());
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void None_ends_because_another_server_dies_hangs_or_leaves(TunnelKind kind, TunnelEnd end, int code)
    {
        foreach (FaultKind fault in (FaultKind[])[FaultKind.KillBackend, FaultKind.PauseBackend, FaultKind.LoseBackend, FaultKind.SickBackend, FaultKind.ScaleBackends])
        {
            Assert.Equal([5], new WrittenHistory().Fault(fault, 1.5, 8, "y").Tunnel(Socket with { Kind = kind, End = end, Code = code }).Broken());
        }
    }

    [Fact]
    public void Whoever_dies_or_is_cut_off_says_nothing()
    {
        foreach (Tunnel tunnel in (Tunnel[])[Socket, Stream, Socket with { End = TunnelEnd.Silent }, Stream with { End = TunnelEnd.Silent }])
        {
            Assert.Equal("node-away", NameOf(new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a"), tunnel));
            Assert.Equal("backend-killed", NameOf(new WrittenHistory().Fault(FaultKind.KillBackend, 2, 8, "x"), tunnel));
            Assert.Equal("backend-hangs", NameOf(new WrittenHistory().Fault(FaultKind.LoseBackend, 2, 8, "x"), tunnel));
        }
    }

    [Fact]
    public void A_node_that_stops_closes_with_1001_and_lets_no_stream_look_whole()
    {
        WrittenHistory Stopping() => new WrittenHistory().Away(FaultKind.RollingRestart, 2, 8, "a", gracefully: true);

        Assert.Equal("node-stops", NameOf(Stopping(), Socket with { End = TunnelEnd.Closed, Code = 1001 }));
        Assert.Equal("node-stops", NameOf(Stopping(), Stream));
        Assert.Equal([5], Stopping().Tunnel(Socket).Broken());
        Assert.Equal([5], Stopping().Tunnel(Socket with { End = TunnelEnd.Closed, Code = 1000 }).Broken());
        Assert.Equal([5], Stopping().Tunnel(Socket with { End = TunnelEnd.Silent }).Broken());
        Assert.Equal([5], Stopping().Tunnel(Stream with { End = TunnelEnd.Closed }).Broken());
    }

    [Theory]
    [InlineData(FaultKind.ScaleBackends, 5)]
    [InlineData(FaultKind.SickBackend, 5)]
    [InlineData(FaultKind.SilentBackend, 5)]
    [InlineData(FaultKind.DrainMove, 11)]
    [InlineData(FaultKind.AddRemove, 11)]
    public void A_server_that_is_left_is_left_in_good_order(FaultKind kind, int invariant)
    {
        WrittenHistory Leaving() => new WrittenHistory().Fault(kind, 1.5, 8, "x");

        Assert.Equal("backend-left", NameOf(Leaving(), Socket with { End = TunnelEnd.Closed, Code = 1001 }));
        Assert.Equal("backend-left", NameOf(Leaving(), Stream));
        Assert.Equal("backend-left", NameOf(Leaving(), Stream with { End = TunnelEnd.Closed }));
        Assert.Equal([invariant], Leaving().Tunnel(Socket).Broken());
        Assert.Equal([invariant], Leaving().Tunnel(Socket with { End = TunnelEnd.Silent }).Broken());
        Assert.Equal([invariant], Leaving().Tunnel(Stream with { End = TunnelEnd.Silent }).Broken());
    }

    [Fact]
    public void What_was_heard_after_the_kill_did_not_end_by_it() =>
        Assert.Equal([5], new WrittenHistory().Fault(FaultKind.KillBackend, 1.4, 8, "x").Tunnel(Socket).Broken());

    [Fact]
    public void A_server_that_one_node_does_not_reach_excuses_what_goes_through_that_node()
    {
        FaultSpan cut = new() { Number = 0, Kind = FaultKind.CutBackend, Detail = "", At = 1.5, HealedAt = 8, OneClusterAt = 9, EqualAt = 9, WholeAt = 9, Backends = ["x"], CutFrom = ["a"] };

        Assert.Empty(new WrittenHistory().Fault(cut).Tunnel(Socket with { End = TunnelEnd.Silent }).Broken());
        Assert.Equal([5], new WrittenHistory().Fault(cut).Tunnel(Socket with { Node = "b", End = TunnelEnd.Silent }).Broken());
    }

    [Fact]
    public void Where_two_sides_moved_a_session_what_is_open_at_the_home_that_does_not_count_is_closed()
    {
        WrittenHistory Parted() => new WrittenHistory().Fault(FaultKind.CutSides, 1.2, 4).Fault(FaultKind.KillBackend, 1.3, 4, "z").Visit(1, "b", "s", "z").Visit(2, "b", "s", "y");
        Tunnel closed = Socket with { End = TunnelEnd.Closed, Code = 1001 };

        Assert.Equal("other-side", NameOf(Parted(), closed));
        Assert.Equal([6], Parted().Tunnel(Socket).Broken());
        Assert.Equal([6], new WrittenHistory().Fault(FaultKind.CutSides, 1.2, 4).Visit(2, "b", "s", "x").Tunnel(closed).Broken());
    }

    [Fact]
    public void An_event_twice_or_none_is_found() =>
        Assert.Equal([9], new WrittenHistory().Tunnel(Stream with { End = TunnelEnd.Foreign, Wrong = "p-3, then p-5 of x" }).Broken());

    [Fact]
    public void What_comes_back_comes_back_to_the_sessions_server()
    {
        Attempt opening = new()
        {
            Number = 0, Client = ClientKind.Browser, Browser = 1, Node = "b", Use = RequestUse.Tunnel, Sent = 4, Ended = 4.1, End = AttemptEnd.Answered, Status = 101, SessionSent = "s", Backend = "x",
        };
        WrittenHistory Closed() => new WrittenHistory().Away(FaultKind.KillNode, 2, 8, "a").Visit(1, "a", "s", "x").Tunnel(Socket);

        Assert.Empty(Closed().Add(opening).Broken());
        Assert.Equal([2], Closed().Add(opening with { Backend = "y" }).Broken());
        Assert.Equal([5], Closed().Add(opening with { Status = 503, Backend = null }).Broken());
    }

    private static string? NameOf(WrittenHistory history, Tunnel tunnel)
    {
        RunHistory whole = history.Tunnel(tunnel).ToHistory();
        return TunnelAllowances.NameOf(tunnel, whole, new SessionWalks(whole));
    }
}
