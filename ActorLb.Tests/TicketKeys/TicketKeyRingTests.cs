using System.Runtime.Serialization;
using ActorLb.Node.Sessions.TicketKeys;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static ActorLb.Tests.TicketKeys.KeyWorld;

namespace ActorLb.Tests.TicketKeys;

public sealed class TicketKeyRingTests
{
    private static readonly TicketKey Old = Key(1, 100);
    private static readonly TicketKey Young = Key(2, 200);

    private static readonly Gen<TicketKeyEntry> GenEntry = Gen.Select(
        Gen.Byte[0, 5], Gen.UInt[0, 3], Gen.Bool, Gen.Long[0, 9], (fill, turn, signs, at) => new TicketKeyEntry(Key(fill, fill % 3), turn, signs, at));

    private static readonly Gen<TicketKeyRing> GenRing = Gen.Select(GenEntry.Array[0, 6], Gen.Long[0, 9], TicketKeyRing.Of);

    // Nothing cut off: associativity holds as it does for buckets (decision 0005).
    private static readonly Gen<TicketKeyRing> GenWhole = GenEntry.Array[0, 6].Select(e => TicketKeyRing.Of(e, 0));

    [Fact]
    public void Rings_merge_to_the_same_ring_in_any_order_and_as_often_as_one_likes()
    {
        Gen.Select(GenRing, GenRing).Sample((a, b) =>
        {
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a, a.Merge(a));
            Assert.Equal(a.Merge(b), a.Merge(b).Merge(b));
            Assert.Equal(new TicketKeyData(a).Merge(new TicketKeyData(b)), new TicketKeyData(b).Merge(new TicketKeyData(a)));
        });
        Gen.Select(GenWhole, GenWhole, GenWhole).Sample((a, b, c) => Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c))));
    }

    [Fact]
    public void Nothing_is_cut_off_while_nobody_has_agreed_on_a_signer()
    {
        TicketKeyRing one = TicketKeyRing.Of([new TicketKeyEntry(Old, 3, false, 0), new TicketKeyEntry(Young, 1, false, 3)], 8);
        TicketKeyRing other = TicketKeyRing.Of([new TicketKeyEntry(Young, 0, false, 3)], 8);
        Assert.Equal(2, one.Merge(other).Entries.Length);
        Assert.Equal(one.Merge(other), one.Merge(other).Merge(other));
        Assert.Equal(one, one.Cut(9));
        Assert.Equal(Old, Assert.Single(one.Signing(Old, 9).Merge(other).Keys));
    }

    [Fact]
    public void Merging_loses_no_key_but_those_below_the_signer_and_the_horizon() =>
        Gen.Select(GenRing, GenRing).Sample((a, b) =>
        {
            TicketKeyRing both = a.Merge(b);
            foreach (TicketKeyEntry entry in a.Entries.Concat(b.Entries))
            {
                long signedAt = a.Entries.Concat(b.Entries).Where(e => e.Key.Equals(entry.Key)).Max(e => e.SignedAt);
                Assert.True(both.Keys.Contains(entry.Key) || (signedAt < both.Horizon && !both.Signer!.Key.Equals(entry.Key)));
            }
        });

    [Fact]
    public void A_ring_of_the_first_version_is_signed_with_the_oldest_key()
    {
        TicketKeyRing ring = TicketKeyRing.Of([Young, Old]);
        Assert.Equal([Old, Young], ring.Keys.ToArray());
        Assert.Null(ring.Pending);
    }

    [Fact]
    public void The_next_key_signs_only_when_it_is_said_to()
    {
        TicketKeyRing spreading = TicketKeyRing.Of([Old]).Signing(Old, 1000).WithNext(Young, 2000);
        Assert.Equal(Old, spreading.Keys[0]);
        Assert.Equal(Young, spreading.Pending!.Key);

        TicketKeyRing rotated = spreading.Signing(Young, 3000);
        Assert.Equal([Young, Old], rotated.Keys.ToArray());
        Assert.Null(rotated.Pending);
    }

    [Fact]
    public void Of_two_keys_with_the_same_turn_the_older_one_is_next_and_the_other_one_only_verifies()
    {
        TicketKeyRing ring = TicketKeyRing.Empty.Signing(Key(9, 1), 1);
        TicketKeyRing both = ring.WithNext(Young, 200).Merge(ring.WithNext(Old, 100));
        Assert.Equal(Old, both.Pending!.Key);

        TicketKeyRing rotated = both.Signing(Old, 300);
        Assert.Equal(Old, rotated.Keys[0]);
        Assert.Null(rotated.Pending);
        Assert.Contains(Young, rotated.Keys);
    }

    [Fact]
    public void What_a_node_brings_from_elsewhere_verifies_and_does_not_sign()
    {
        TicketKeyRing here = TicketKeyRing.Empty.Signing(Young, 5);
        TicketKeyRing there = TicketKeyRing.Of([new TicketKeyEntry(Old, 7, true, 6)], 0);

        TicketKeyRing admitted = here.Admit(there);

        Assert.Equal([Young, Old], admitted.Keys.ToArray());
        Assert.Equal(Old, admitted.Pending!.Key);
    }

    [Fact]
    public void A_key_that_was_dropped_does_not_come_back_from_a_peer_that_still_has_it()
    {
        TicketKeyRing before = TicketKeyRing.Empty.Signing(Old, 1000).WithNext(Young, 2000).Signing(Young, 2000);
        TicketKeyRing after = before.Cut(1001);
        Assert.Equal([Young], after.Keys.ToArray());
        Assert.Equal(after, after.Merge(before));
        Assert.Equal(after, before.Merge(after));

        // The other side of a partition signed with it until later: its tickets are still out there.
        Assert.Contains(Old, after.Merge(before.Signed(Old, 1500)).Keys);
    }

    [Fact]
    public void The_signer_and_the_key_that_is_next_are_never_cut()
    {
        TicketKeyRing ring = TicketKeyRing.Of(TicketKeyRing.Empty.Signing(Old, 1).WithNext(Young, 2).Entries, long.MaxValue);
        Assert.Equal([Old, Young], ring.Keys.ToArray());
    }

    [Fact]
    public void A_new_key_never_has_the_id_of_another_one()
    {
        // Half of all ids are taken: without a look at them every second key would collide.
        TicketKey[] taken = [.. Enumerable.Range(0, 60_000).Select(i => TicketKey.FromText($"key {i}"))];
        var ids = taken.Select(k => k.Id).ToHashSet();
        Assert.True(ids.Count > 30_000);
        for (int i = 0; i < 20; i++)
        {
            Assert.DoesNotContain(TicketKey.Create(new FakeTimeProvider(), [.. taken]).Id, ids);
        }
    }

    [Fact]
    public void A_ring_without_agreements_has_the_bytes_of_the_first_version()
    {
        const string First = "02" + "0000000000000064" + "20" + Ones + "00000000000000C8" + "20" + Twos;
        Assert.Equal(First, Bytes(TicketKeyRing.Of([Young, Old])));
        Assert.Equal(TicketKeyRing.Of([Old, Young]), Ring(First));
    }

    [Fact]
    public void A_ring_has_the_bytes_that_it_always_had_and_the_first_version_reads_their_beginning()
    {
        const string Golden = "02" + "0000000000000064" + "20" + Ones + "00000000000000C8" + "20" + Twos
            + "01" + "01" + "00000000000003E8" + "02" + "00" + "00000000000007D0" + "0000000000000001";
        TicketKeyRing ring = TicketKeyRing.Empty.Signing(Old, 1000).WithNext(Young, 2000);
        ring = TicketKeyRing.Of(ring.Entries, 1);

        Assert.Equal(Golden, Bytes(ring));
        Assert.Equal(ring, Ring(Golden));
        Assert.Equal(ring, Ring(Golden + "00" + "0102030405"));
        Assert.Equal(TicketKeyRing.Of([Old, Young]), Ring(Golden[..166]));
        for (int length = 0; length < Golden.Length / 2; length++)
        {
            if (length != 83)
            {
                Assert.Throws<SerializationException>(() => Ring(Golden[..(2 * length)]));
            }
        }
    }

    [Fact]
    public void Roots_stand_behind_what_versions_before_read()
    {
        TicketKeyRing ring = TicketKeyRing.Of([new TicketKeyEntry(Old, 0, false, 0)], 0, [Young]);
        string golden = "01" + "0000000000000064" + "20" + Ones + "00" + "00" + "0000000000000000" + "0000000000000000"
            + "01" + "00000000000000C8" + "20" + Twos;
        Assert.Equal(golden, Bytes(ring));
        Assert.Equal(ring, Ring(golden));
        Assert.Equal(ring, Ring(golden + "0102"));
        Assert.Throws<SerializationException>(() => Ring(golden[..^2]));
    }

    [Fact]
    public void Roots_are_made_once_of_the_oldest_key_and_outlive_it()
    {
        TicketKeyRing ring = TicketKeyRing.Of([Old]).Signing(Old, 1000).Rooted();
        Assert.Equal([Old.Root()], ring.Roots.ToArray());
        Assert.NotEqual(Old.Secret.ToArray(), Old.Root().Secret.ToArray());

        TicketKeyRing rotated = ring.WithNext(Young, 2000).Signing(Young, 3000).Cut(9000).Rooted();
        Assert.Equal([Young], rotated.Keys.ToArray());
        Assert.Equal(ring.Roots.ToArray(), rotated.Roots.ToArray());
        Assert.Equal(ring.Roots.ToArray(), rotated.Admit(TicketKeyRing.Of([Young])).Signed(Young, 9000).Roots.ToArray());
        Assert.Empty(TicketKeyRing.Empty.Rooted().Roots);
    }

    [Fact]
    public void Clusters_that_become_one_keep_the_roots_of_both_the_oldest_first_and_so_many()
    {
        TicketKeyRing[] rings = [.. Enumerable.Range(1, TicketKeyRing.RootsMax + 2).Select(i => TicketKeyRing.Of([Key((byte)i, 100 * i)]).Rooted())];
        TicketKeyRing both = rings[1].Merge(rings[0]);
        Assert.Equal([Key(1, 100).Root(), Key(2, 200).Root()], both.Roots.ToArray());
        Assert.Equal(both, rings[0].Merge(rings[1]));
        Assert.Equal(both, both.Merge(rings[0]));
        TicketKeyRing all = rings.Aggregate((l, r) => l.Merge(r));
        Assert.Equal(all, rings.Reverse().Aggregate((l, r) => l.Merge(r)));
        Assert.Equal(TicketKeyRing.RootsMax, all.Roots.Length);
    }

    [Fact]
    public void Every_ring_is_read_back_and_equal_rings_have_equal_bytes() =>
        Gen.Select(GenRing, GenRing).Sample((a, b) =>
        {
            Assert.Equal(a, Ring(Bytes(a)));
            Assert.Equal(Bytes(a.Merge(b)), Bytes(b.Merge(a)));
        });

    private const string Ones = "0101010101010101010101010101010101010101010101010101010101010101";
    private const string Twos = "0202020202020202020202020202020202020202020202020202020202020202";

    private static string Bytes(TicketKeyRing ring)
    {
        var writer = new WireWriter();
        TicketKeyWire.Write(writer, ring);
        return Convert.ToHexString(writer.ToArray());
    }

    private static TicketKeyRing Ring(string hex)
    {
        var reader = new WireReader(Convert.FromHexString(hex));
        return TicketKeyWire.Read(ref reader);
    }
}
