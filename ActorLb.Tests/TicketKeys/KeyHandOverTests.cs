using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Xunit;
using static ActorLb.Tests.TicketKeys.KeyWorld;

namespace ActorLb.Tests.TicketKeys;

public sealed class KeyHandOverTests
{
    private const long Now = 10_000_000;
    private static readonly TicketKey Old = Key(1, 100);
    private static readonly TicketKey Young = Key(2, 200);
    private static readonly TicketKeyRing Signed = TicketKeyRing.Empty.Signing(Old, Now);
    private static readonly TicketKeyRing Spreading = Signed.WithNext(Young, Now);

    [Fact]
    public void A_key_signs_when_the_last_member_holds_it_and_not_before()
    {
        var members = Members("a", "b", "c");
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading)).Answered(Holds(2, Spreading));
        Assert.Equal(Spreading, state.Next(Spreading, members, Now, Times));
        Assert.Equal([new KeyWait("c", KeyWaitReason.NoAnswer, 0)], state.WaitsFor(Young, members, Times).ToArray());

        // It answered to an earlier ring.
        state = state.Answered(Holds(3, Signed));
        Assert.Equal(Spreading, state.Next(Spreading, members, Now, Times));

        state = state.Answered(Holds(3, Spreading));
        Assert.Equal(Young, state.Next(Spreading, members, Now, Times).Keys[0]);
    }

    [Fact]
    public void A_member_that_cannot_write_its_disk_is_waited_for_and_named()
    {
        var members = Members("a", "b");
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading)).Answered(Holds(2, Spreading, kept: false));
        Assert.Equal(Old, state.Next(Spreading, members, Now, Times).Keys[0]);
        Assert.Equal([new KeyWait("b", KeyWaitReason.NotKept, 0)], state.WaitsFor(Young, members, Times).ToArray());
    }

    [Fact]
    public void A_member_that_cannot_be_reached_is_waited_for_until_it_confirms_or_is_removed()
    {
        var members = Members("a", "b");
        members = members.SetItem(1, members[1] with { Reachable = false });
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading));
        Assert.Equal([new KeyWait("b", KeyWaitReason.Unreachable, 0)], state.WaitsFor(Young, members, Times).ToArray());
        Assert.Equal(Young, state.Next(Spreading, Members("a"), Now, Times).Keys[0]);
        Assert.Equal(Young, state.Answered(Holds(2, Spreading)).Next(Spreading, members, Now, Times).Keys[0]);
    }

    [Fact]
    public void A_node_that_was_lost_is_waited_for_until_it_is_back_or_keys_of_its_time_are_retired()
    {
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading)).Gone(new KeyHolder(9, "b", false), Now);
        var alone = Members("a");
        Assert.Equal([new KeyWait("b", KeyWaitReason.Lost, Now + Times.Retirement)], state.WaitsFor(Young, alone, Times).ToArray());
        Assert.Equal(Old, Leading(state, alone, Now + Times.Retirement).Keys[0]);
        Assert.Equal(Young, Leading(state, alone, Now + Times.Retirement + 1).Keys[0]);
        Assert.Equal(Young, Leading(state.Without(["b"]), alone, Now).Keys[0]);

        // Its removal may be known before the list of members says so.
        Assert.NotEmpty(state.Among(alone.Add(new KeyHolder(9, "b", false)), Now, Times).Lost);

        // It is back with another number, and does not hold the key yet.
        var both = Members("a", "b");
        Assert.Equal(Old, Leading(state, both, Now).Keys[0]);
        Assert.Equal(Young, Leading(state.Answered(Holds(2, Spreading)), both, Now).Keys[0]);

        static TicketKeyRing Leading(KeyHandOverState state, System.Collections.Immutable.ImmutableArray<KeyHolder> members, long now) =>
            state.Among(members, now, Times).Next(Spreading, members, now, Times);
    }

    [Fact]
    public void What_an_earlier_life_of_a_member_held_does_not_count()
    {
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading)).Answered(Holds(2, Spreading));
        var again = Members("a", "b").SetItem(1, new KeyHolder(77, "b", true));
        Assert.Equal(Old, state.Among(again, Now, Times).Next(Spreading, again, Now, Times).Keys[0]);
    }

    [Fact]
    public void The_key_that_all_sign_with_is_agreed_on_where_the_ring_comes_from_the_first_version()
    {
        TicketKeyRing agreed = KeyHandOverState.Empty.Next(TicketKeyRing.Of([Young, Old]), Members("a"), Now, Times);
        Assert.Equal(Old, agreed.Signer!.Key);
        Assert.True(agreed.Signer.Signs);
        Assert.Null(agreed.Pending);

        // The other one gets a time from which its retirement counts.
        TicketKeyRing dated = KeyHandOverState.Empty.Next(agreed, Members("a"), Now, Times);
        Assert.All(dated.Entries, e => Assert.Equal(Now, e.SignedAt));
    }

    [Fact]
    public void Keys_on_a_disk_of_the_first_version_count_from_now() =>
        Assert.All(TicketKeyState.Of(TicketKeyRing.Of([Young, Old]), false, Now, Times).Ring.Entries, e => Assert.Equal(Now, e.SignedAt));

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void An_old_key_verifies_for_its_retirement_and_is_dropped_then(long later, bool verifies)
    {
        TicketKeyRing rotated = Spreading.Signing(Young, Now);
        long at = Now + Times.Retirement + later;
        TicketKeyRing next = rotated.Signed(Young, at);
        Assert.Equal(verifies, KeyHandOverState.Empty.Next(next, Members("a"), at, Times).Keys.Contains(Old));
    }

    [Fact]
    public void While_a_key_signs_its_time_is_kept_up()
    {
        Assert.Equal(Signed, KeyHandOverState.Empty.Next(Signed, Members("a"), Now + Times.Refresh - 1, Times));
        Assert.Equal(Now + Times.Refresh, KeyHandOverState.Empty.Next(Signed, Members("a"), Now + Times.Refresh, Times).Signer!.SignedAt);
    }

    [Fact]
    public void Only_members_that_lack_something_are_told()
    {
        var members = Members("a", "b", "c", "d");
        KeyHandOverState state = KeyHandOverState.Empty.Answered(Holds(1, Spreading)).Answered(Holds(2, Signed)).Answered(Holds(3, Spreading, kept: false));
        Assert.Equal(["b", "c", "d"], state.Unaware(Spreading, members).Select(m => m.Node));
        Assert.Equal([4L], state.NotSwitched(Spreading, members).Select(w => members.Single(m => m.Node == w.Node).Uid));
    }

    [Fact]
    public void A_node_that_comes_in_takes_the_clusters_signer_and_keeps_its_own_key()
    {
        TicketKeyState own = new(TicketKeyRing.Empty.Signing(Young, Now), false, true);
        TicketKeyState settled = own.Heard(Signed, Now + 1, Times);
        Assert.True(settled.Settled);
        Assert.Equal([Old, Young], settled.Ring.Keys.ToArray());
        Assert.Equal(own, own.Heard(TicketKeyRing.Empty, Now, Times));
    }

    [Fact]
    public void Whoever_stops_signing_with_a_key_says_until_when_it_did()
    {
        // Cut off for an hour, in which nobody else signed with the old key.
        var behind = new TicketKeyState(Spreading, true, true);
        long later = Now + 3_600_000;
        TicketKeyState switched = behind.Heard(Spreading.Signing(Young, Now).Signed(Young, later), later, Times);
        Assert.Equal(later, switched.Ring.Entries.Single(e => e.Key.Equals(Old)).SignedAt);

        // Even where the others have dropped it already.
        TicketKeyRing dropped = Spreading.Signing(Young, Now).Signed(Young, later).Cut(later - Times.Retirement);
        Assert.DoesNotContain(Old, dropped.Keys);
        Assert.Contains(Old, behind.Heard(dropped, later, Times).Ring.Keys);
        Assert.Contains(Old, (behind with { Settled = false }).Heard(dropped, later, Times).Ring.Keys);
    }

    [Fact]
    public void A_retired_key_does_not_come_back_from_an_old_disk()
    {
        long later = Now + Times.Retirement + 1;
        TicketKeyRing rotated = Spreading.Signing(Young, Now);
        Assert.Equal([Young], TicketKeyState.Of(rotated, false, later, Times).Ring.Keys.ToArray());

        // Its last word was that the old key signs; but it was away since, and the key says itself since when.
        TicketKeyState returned = TicketKeyState.Of(Signed, false, later, Times);
        Assert.Equal([Old], returned.Ring.Keys.ToArray());
        TicketKeyRing cluster = rotated.Signed(Young, later).Cut(later - Times.Retirement);
        Assert.Equal([Young], returned.Heard(cluster, later, Times).Ring.Keys.ToArray());
    }
}
