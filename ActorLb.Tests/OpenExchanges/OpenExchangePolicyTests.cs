using ActorLb.Engine.Failures;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.OpenExchanges;

public class OpenExchangePolicyTests
{
    private static readonly BackendSnapshot Well = new(
        "b", BackendKey.Of("b"), new Uri("http://b:1"), 1, 1, BackendHealth.Up, OperatorState.Ready, null, default, true, true, new BackendTraffic());

    private static FailureReason Why(BackendSnapshot? backend, ExchangeKind kind, bool moved = false, bool stops = false, WhenDown whenDown = WhenDown.KeepTunnels, bool ordered = false, bool ended = false) =>
        OpenExchangePolicy.WhyClosed(new OpenExchangeFacts(kind, backend, whenDown, moved, ordered, ended, stops));

    public static TheoryData<string> Kinds() => [.. Enum.GetNames<ExchangeKind>()];

    private static ExchangeKind Kind(string name) => Enum.Parse<ExchangeKind>(name);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_open_at_a_backend_that_serves_stays(string kind)
    {
        Assert.Equal(FailureReason.None, Why(Well, Kind(kind)));
        Assert.Equal(FailureReason.None, Why(Well with { Health = BackendHealth.Unknown }, Kind(kind)));
        Assert.Equal(FailureReason.None, Why(Well with { Operator = OperatorState.Draining }, Kind(kind)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_an_operator_ended_ends_whatever_it_is(string kind)
    {
        Assert.Equal(FailureReason.BackendInMaintenance, Why(Well with { Operator = OperatorState.Maintenance }, Kind(kind)));
        Assert.Equal(FailureReason.BackendDrained, Why(Well with { Operator = OperatorState.Draining, DrainOver = true }, Kind(kind)));
        Assert.Equal(FailureReason.BackendRemoved, Why(null, Kind(kind)));
    }

    [Fact]
    public void A_session_that_moved_takes_its_tunnels_and_streams_along_and_lets_answers_end()
    {
        BackendSnapshot down = Well with { Health = BackendHealth.Down };
        Assert.Equal(FailureReason.SessionMoved, Why(down, ExchangeKind.Tunnel, moved: true));
        Assert.Equal(FailureReason.SessionMoved, Why(down, ExchangeKind.Stream, moved: true));
        Assert.Equal(FailureReason.None, Why(down, ExchangeKind.Answer, moved: true));
        Assert.Equal(FailureReason.SessionMoved, Why(Well with { Operator = OperatorState.Draining }, ExchangeKind.Tunnel, moved: true));
    }

    [Fact]
    public void A_tunnel_that_works_at_a_backend_that_is_up_and_ready_stays_although_another_node_moved_its_session() =>
        Assert.Equal(FailureReason.None, Why(Well, ExchangeKind.Tunnel, moved: true));

    [Fact]
    public void A_tunnel_follows_its_session_where_an_operator_moved_it_although_its_backend_serves_on()
    {
        Assert.Equal(FailureReason.SessionMoved, Why(Well, ExchangeKind.Tunnel, moved: true, ordered: true));
        Assert.Equal(FailureReason.SessionMoved, Why(Well, ExchangeKind.Stream, moved: true, ordered: true));
        Assert.Equal(FailureReason.None, Why(Well, ExchangeKind.Answer, moved: true, ordered: true));
    }

    [Fact]
    public void The_tunnels_and_streams_of_a_session_that_was_ended_are_closed_and_its_answers_end()
    {
        Assert.Equal(FailureReason.SessionEnded, Why(Well, ExchangeKind.Tunnel, ended: true));
        Assert.Equal(FailureReason.SessionEnded, Why(Well, ExchangeKind.Stream, ended: true));
        Assert.Equal(FailureReason.None, Why(Well, ExchangeKind.Answer, ended: true));
    }

    [Fact]
    public void The_tunnels_of_a_backend_that_is_down_stay_unless_the_pool_says_otherwise()
    {
        BackendSnapshot down = Well with { Health = BackendHealth.Down };
        Assert.Equal(FailureReason.None, Why(down, ExchangeKind.Tunnel));
        Assert.Equal(FailureReason.BackendDown, Why(down, ExchangeKind.Tunnel, whenDown: WhenDown.CloseTunnels));
        Assert.Equal(FailureReason.BackendDown, Why(down, ExchangeKind.Stream, whenDown: WhenDown.CloseTunnels));
        Assert.Equal(FailureReason.None, Why(down, ExchangeKind.Answer, whenDown: WhenDown.CloseTunnels));
    }

    [Fact]
    public void A_node_that_stops_closes_tunnels_and_streams_and_waits_for_answers()
    {
        Assert.Equal(FailureReason.NodeStopping, Why(Well, ExchangeKind.Tunnel, stops: true));
        Assert.Equal(FailureReason.NodeStopping, Why(Well, ExchangeKind.Stream, stops: true));
        Assert.Equal(FailureReason.None, Why(Well, ExchangeKind.Answer, stops: true));
    }

    [Theory]
    [InlineData("text/event-stream", true)]
    [InlineData("Text/Event-Stream; charset=utf-8", true)]
    [InlineData("application/x-ndjson", true)]
    [InlineData("multipart/x-mixed-replace; boundary=x", true)]
    [InlineData("text/event-streams", false)]
    [InlineData("text/html", false)]
    [InlineData("", false)]
    public void An_answer_of_these_types_has_no_end_of_its_own(string contentType, bool isStream) =>
        Assert.Equal(isStream, StreamTypes.Contains(System.Text.Encoding.ASCII.GetBytes(contentType)));
}
