using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Affinity;

public sealed class TicketKeyTests
{
    private static readonly TicketKey Old = Key(1, 100);
    private static readonly TicketKey Young = Key(2, 200);

    private static readonly Gen<TicketKeyRing> GenRing =
        Gen.Select(Gen.Byte[0, 5], Gen.Long[0, 3]).Array[0, 5].Select(keys => TicketKeyRing.Of(keys.Select(k => Key(k.Item1, k.Item2))));

    [Fact]
    public void Rings_merge_to_the_same_keys_and_the_same_signer_in_any_order() =>
        Gen.Select(GenRing, GenRing, GenRing).Sample((a, b, c) =>
        {
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
            Assert.Equal(a, a.Merge(a));
            Assert.Equal(new TicketKeyData(a).Merge(new TicketKeyData(b)), new TicketKeyData(b).Merge(new TicketKeyData(a)));
        });

    [Fact]
    public void Only_the_oldest_member_makes_a_key_where_nobody_has_one()
    {
        var fresh = new TicketKeyState(TicketKeyRing.Empty);
        Assert.Equal(TicketKeyStep.Retry, fresh.Answered(TicketKeyRing.Empty, isOldest: false, () => Old).Step);
        (TicketKeyState next, TicketKeyStep step) = fresh.Answered(TicketKeyRing.Empty, isOldest: true, () => Old);
        Assert.Equal(TicketKeyStep.Share, step);
        Assert.Equal(TicketKeyRing.Of([Old]), next.Ring);
    }

    [Fact]
    public void The_clusters_keys_are_taken_by_the_oldest_too()
    {
        (TicketKeyState next, TicketKeyStep step) =
            new TicketKeyState(TicketKeyRing.Empty).Answered(TicketKeyRing.Of([Old]), isOldest: true, () => Young);
        Assert.Equal(TicketKeyStep.Ready, step);
        Assert.Equal(TicketKeyRing.Of([Old]), next.Ring);
    }

    [Fact]
    public void Keys_from_disk_are_shared_before_this_node_signs_with_them()
    {
        var withOld = new TicketKeyState(TicketKeyRing.Of([Old]));
        Assert.Equal(TicketKeyStep.Ready, withOld.Answered(TicketKeyRing.Of([Old, Young]), false, () => Young).Step);
        Assert.Equal(TicketKeyStep.Share, withOld.Answered(TicketKeyRing.Empty, false, () => Young).Step);
        Assert.Equal(TicketKeyStep.Share, new TicketKeyState(TicketKeyRing.Of([Young])).Answered(TicketKeyRing.Of([Old]), false, () => Young).Step);

        (TicketKeyState next, TicketKeyStep step) = withOld.Answered(TicketKeyRing.Of([Young]), false, () => Young);
        Assert.Equal(TicketKeyStep.ShareAndSettle, step);
        Assert.Equal(Old, next.Ring.Keys[0]);
    }

    [Fact]
    public void A_node_that_nobody_answers_goes_on_with_what_it_has_or_makes_its_own()
    {
        Assert.Equal(Young, new TicketKeyState(TicketKeyRing.Empty).Alone(() => Young).Next.Ring.Keys[0]);
        Assert.Equal(Old, Assert.Single(new TicketKeyState(TicketKeyRing.Of([Old])).Alone(() => Young).Next.Ring.Keys));
    }

    private static TicketKey Key(byte fill, long createdAt) => new([.. Enumerable.Repeat(fill, TicketKey.SecretBytes)], createdAt);
}
