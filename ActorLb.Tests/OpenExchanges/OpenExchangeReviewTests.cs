using ActorLb.Engine.Failures;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Traffic;
using Xunit;

namespace ActorLb.Tests.OpenExchanges;

public class OpenExchangeReviewTests : DirectorTest
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private readonly OpenExchangeReview _review;

    public OpenExchangeReviewTests() => _review = new OpenExchangeReview(_plane);

    private BindingTable Table => _plane.Tables["web"];

    private uint Now => (uint)_time.GetUtcNow().ToUnixTimeSeconds();

    private List<SessionNotice> Notices()
    {
        var all = new List<SessionNotice>();
        while (_plane.Sessions.Notices.TryRead(out SessionNotice notice))
        {
            all.Add(notice);
        }

        return all;
    }

    [Fact]
    public async Task A_tunnel_that_is_a_new_sessions_first_request_is_told_to_its_owner()
    {
        Assignment tunnel = (await NewSession()).First;
        Assert.Empty(Notices());
        var open = default(OpenExchange);

        Assert.Equal(FailureReason.None, _review.Look(tunnel, ExchangeKind.Tunnel, nodeStops: false, ref open));

        Assert.Equal(SessionNoticeKind.Adopted, Assert.Single(Notices()).Kind);
        Assert.True(Table.TryGet(tunnel.Binding.Id, out Binding binding));
        Assert.Equal(tunnel.Binding.Backend, binding.Backend);
    }

    [Fact]
    public async Task A_slow_answer_to_a_client_without_a_session_is_remembered_by_nobody()
    {
        Assignment slow = (await NewSession()).First;
        var open = default(OpenExchange);

        Assert.Equal(FailureReason.None, _review.Look(slow, ExchangeKind.Answer, nodeStops: false, ref open));
        _review.End(slow, ref open);
        Assert.Empty(Notices());
        Assert.False(Table.TryGet(slow.Binding.Id, out _));

        _review.Look(slow with { IsBound = true }, ExchangeKind.Answer, nodeStops: false, ref open);
        Assert.Single(Notices());
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(null, true)]
    public async Task Tunnels_of_sessions_that_move_one_by_one_end_at_once_and_those_of_all_together_in_their_turns(int? rate, bool inTurns)
    {
        _plane.Apply(_plane.Topology with { Limits = _plane.Topology.Limits with { TunnelGrace = TimeSpan.FromSeconds(5) } });
        Publish(_plane);
        Assignment tunnel = (await NewSession()).First;
        for (int i = 0; i < 2_000; i++)
        {
            tunnel.Backend!.Traffic.Gate.TryEnter(0);
        }

        SetMoves(tunnel.Backend!.Id, SessionMoves.At(_time.GetUtcNow(), 1, rate));

        TimeSpan[] left = [.. Enumerable.Range(0, 10).Select(_ => _review.TimeLeft(tunnel, ExchangeKind.Tunnel, FailureReason.SessionMoved))];
        Assert.Equal(inTurns, left.Distinct().Count() == 10);
        Assert.True(inTurns || left.Max() == TimeSpan.Zero);
    }

    [Fact]
    public async Task A_session_lives_for_as_long_as_its_tunnel_and_is_noted_four_times_per_timeout()
    {
        SetHealth("s:1", BackendHealth.Up);
        (string cookie, Assignment first) = await NewSession();
        var open = default(OpenExchange);
        int notices = 0;
        for (int minute = 0; minute <= 120; minute++)
        {
            _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
            notices += Notices().Count;
            Assert.True(Table.TryGet(first.Binding.Id, out Binding binding));
            Assert.False(binding.IsExpired(Now, Idle * 0.75));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(notices, 8, 17);

        // The ticket was issued two hours ago, and leads home.
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(first.Binding.Backend, (await Assign(cookie)).Backend!.Key);
        }
    }

    [Fact]
    public async Task Its_end_is_the_last_use_of_its_session()
    {
        Assignment first = (await NewSession()).First;
        var open = default(OpenExchange);
        _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
        _time.Advance(Idle / 6);
        _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
        Assert.True(Table.TryGet(first.Binding.Id, out Binding before));

        _review.End(first, ref open);

        Assert.True(Table.TryGet(first.Binding.Id, out Binding after));
        Assert.True(after.LastSeen > before.LastSeen);
        Assert.Equal(Now, after.LastSeen);
    }

    [Fact]
    public async Task A_session_that_the_table_has_no_place_for_is_offered_again_when_a_part_of_the_timeout_is_over()
    {
        for (ulong i = 0; i < 1000; i++)
        {
            Table.Note(new Binding(SessionIds.Next(), BackendKey.Of("s:1"), 1, Now));
        }

        Assignment first = (await NewSession()).First;
        var open = default(OpenExchange);
        for (int second = 0; second < 60; second++)
        {
            _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(Notices());
        _time.Advance(Idle / 4);
        _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
        Assert.Single(Notices());
    }

    [Fact]
    public async Task A_tunnel_follows_its_session_where_its_backend_is_gone_and_stays_where_it_serves()
    {
        SetHealth("s:1", BackendHealth.Up);
        Assignment first = (await NewSession()).First;
        BackendSnapshotOf(first, out string home);
        var open = default(OpenExchange);
        _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
        BackendKey other = BackendKey.Of(home == "s:1" ? "s:2" : "s:1");
        Table.Note(first.Binding with { Backend = other, Version = 2 });

        Assert.Equal(FailureReason.None, _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open));
        SetHealth(home, BackendHealth.Down);
        Assert.Equal(FailureReason.SessionMoved, _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open));
        Assert.True(Table.TryGet(first.Binding.Id, out Binding binding));
        Assert.Equal(other, binding.Backend);
    }

    [Fact]
    public async Task A_tunnel_follows_an_operators_move_from_a_backend_that_serves_on_and_ends_with_its_session_without_keeping_it_in_use()
    {
        SetHealth("s:1", BackendHealth.Up);
        Assignment first = (await NewSession()).First;
        BackendSnapshotOf(first, out string home);
        var open = default(OpenExchange);
        _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open);
        Binding moved = first.Binding.MovedTo(BackendKey.Of(home == "s:1" ? "s:2" : "s:1"), Now);
        Table.Note(moved);
        _plane.OperatorMoves.Add(moved);
        Assert.Equal(FailureReason.SessionMoved, _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open));
        Assert.Equal(FailureReason.None, _review.Look(first with { Binding = moved }, ExchangeKind.Tunnel, nodeStops: false, ref open));

        Binding ended = Binding.Ended(first.Binding.Id, Now);
        Table.Note(ended);
        _time.Advance(Idle / 2);
        Assert.Equal(FailureReason.SessionEnded, _review.Look(first, ExchangeKind.Tunnel, nodeStops: false, ref open));
        Assert.Equal(TimeSpan.Zero, _review.TimeLeft(first, ExchangeKind.Tunnel, FailureReason.SessionEnded));
        _review.End(first, ref open);
        Assert.True(Table.TryGet(first.Binding.Id, out Binding kept));
        Assert.Equal(ended, kept);
    }

    [Fact]
    public async Task The_lane_hears_of_maintenance_and_of_nothing_that_concerns_no_open_exchange()
    {
        SetHealth("s:1", BackendHealth.Up);
        Assignment first = (await NewSession()).First;
        BackendSnapshotOf(first, out string home);
        int heard = 0;
        _plane.OpenExchangesConcerned += () => heard++;

        Publish(_plane);
        Assert.Equal(0, heard);
        SetOperator(home, OperatorState.Maintenance);
        Assert.Equal(1, heard);
        var open = default(OpenExchange);
        Assert.Equal(FailureReason.BackendInMaintenance, _review.Look(first, ExchangeKind.Answer, nodeStops: false, ref open));
    }

    private static void BackendSnapshotOf(in Assignment assignment, out string id) => id = assignment.Backend!.Id;
}
