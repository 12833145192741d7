using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Tickets;

public class TicketCodecTests
{
    private static readonly Gen<Binding> Bindings =
        from high in Gen.ULong
        from low in Gen.ULong
        from backend in Gen.ULong
        from version in Gen.UInt[1, uint.MaxValue]
        from seen in Gen.UInt
        select new Binding(new SessionId(high, low), new BackendKey(backend), version, seen);

    private static readonly TicketCodec Codec = new(TicketKeyRing.Of([TestPools.Key]), "web");

    [Fact]
    public void A_sealed_binding_opens_to_the_same_binding() =>
        Bindings.Sample(binding => Assert.Equal(binding, Open(Codec, Seal(Codec, binding))));

    [Fact]
    public void A_ticket_is_68_characters_that_need_no_quoting_in_a_cookie() =>
        Bindings.Sample(binding =>
        {
            string text = Seal(Codec, binding);
            Assert.Equal(68, text.Length);
            Assert.All(text, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        });

    [Fact]
    public void The_layout_of_a_ticket_stays_readable_for_ever()
    {
        const string Golden = "ASylAQIDBAUGBwgJCgsMDQ4PEGVT8QAAAAAH1d8QmPJrxSfeCebLa2OHnY-rpGHy1M5W";
        var binding = new Binding(new SessionId(0x0102030405060708, 0x090a0b0c0d0e0f10), BackendKey.Of("web-1"), 7, 1_700_000_000);

        Assert.Equal(Golden, Seal(Codec, binding));
        Assert.Equal(binding, Open(Codec, Golden));
    }

    [Fact]
    public void Changing_any_character_makes_a_ticket_void()
    {
        string text = Seal(Codec, new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15));
        for (int i = 0; i < text.Length; i++)
        {
            char[] changed = text.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Null(Open(Codec, new string(changed)));
        }
    }

    [Fact]
    public void No_prefix_and_no_extension_of_a_ticket_is_a_ticket()
    {
        string text = Seal(Codec, new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15));
        for (int length = 0; length < text.Length; length++)
        {
            Assert.Null(Open(Codec, text[..length]));
        }

        Assert.Null(Open(Codec, text + "A"));
        Assert.Null(Open(Codec, text + "="));
        Assert.Null(Open(Codec, " " + text[..^1]));
    }

    [Fact]
    public void A_ticket_of_a_cluster_of_another_name_is_one_of_an_unknown_key()
    {
        var binding = new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15);
        var shop = new TicketCodec(Codec.Ring, "web", "shop");
        string ticket = Seal(shop, binding);

        Assert.Equal(binding, Open(shop, ticket));
        Assert.Null(Open(Codec, ticket));
        Assert.False(Codec.KnowsKeyOf(Decode(ticket)));
        Assert.Null(Open(new TicketCodec(Codec.Ring, "web", "shop2"), ticket));
        Assert.Equal(Seal(Codec, binding), Seal(new TicketCodec(Codec.Ring, "web", "actorlb"), binding));
    }

    [Fact]
    public void Arbitrary_text_is_no_ticket_and_does_no_harm() =>
        Gen.String.Sample(text => Assert.Null(Open(Codec, text)));

    [Fact]
    public void A_ticket_of_another_pool_or_of_an_unknown_key_is_void()
    {
        var binding = new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15);
        var otherPool = new TicketCodec(Codec.Ring, "api");
        var otherKey = new TicketCodec(TicketKeyRing.Of([TicketKey.FromText("another key, also long")]), "web");

        Assert.Null(Open(otherPool, Seal(Codec, binding)));
        Assert.Null(Open(otherKey, Seal(Codec, binding)));
    }

    [Fact]
    public void After_a_rotation_old_tickets_open_and_new_ones_are_sealed_with_the_first_key()
    {
        TicketKey fresh = TicketKey.FromText("the next key, also long");
        var rotated = new TicketCodec(TicketKeyRing.Configured([fresh, TestPools.Key]), "web");
        var onlyFresh = new TicketCodec(TicketKeyRing.Configured([fresh]), "web");
        var binding = new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15);

        Assert.Equal(binding, Open(rotated, Seal(Codec, binding)));
        Assert.Equal(binding, Open(onlyFresh, Seal(rotated, binding)));
    }

    [Fact]
    public void Keys_that_share_an_id_are_all_tried()
    {
        var byId = new Dictionary<ushort, TicketKey>();
        TicketKey first;
        TicketKey second;
        for (int i = 0; ; i++)
        {
            second = TicketKey.FromText($"key {i}");
            if (byId.TryGetValue(second.Id, out first!))
            {
                break;
            }

            byId.Add(second.Id, second);
        }

        var binding = new Binding(new SessionId(11, 12), new BackendKey(13), 14, 15);
        var both = new TicketCodec(TicketKeyRing.Configured([first, second]), "web");
        Assert.Equal(binding, Open(both, Seal(new TicketCodec(TicketKeyRing.Configured([first]), "web"), binding)));
        Assert.Equal(binding, Open(both, Seal(new TicketCodec(TicketKeyRing.Configured([second]), "web"), binding)));
        Assert.Null(Open(new TicketCodec(TicketKeyRing.Configured([first]), "web"), Seal(new TicketCodec(TicketKeyRing.Configured([second]), "web"), binding)));
    }

    [Fact]
    public void Two_sessions_on_one_backend_do_not_show_it()
    {
        var backend = BackendKey.Of("web-1");
        byte[] first = Decode(Seal(Codec, new Binding(new SessionId(1, 2), backend, 1, 100)));
        byte[] second = Decode(Seal(Codec, new Binding(new SessionId(3, 4), backend, 1, 100)));

        Assert.NotEqual(first[27..35], second[27..35]);
        Assert.Equal(-1, first.AsSpan().IndexOf(BitConverter.GetBytes(backend.Value)));
        Assert.Equal(-1, first.AsSpan().IndexOf(BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(backend.Value))));
    }

    [Fact]
    public void A_verified_ticket_is_remembered_to_the_last_byte()
    {
        var verified = new VerifiedTickets(1000);
        byte[] ticket = Decode(Seal(Codec, new Binding(new SessionId(1, 2), new BackendKey(3), 4, 5)));
        var claim = new TicketClaim(new SessionId(1, 2), 4, 5);
        Assert.False(verified.Contains(ticket, claim));

        verified.Add(ticket, claim);

        Assert.True(verified.Contains(ticket, claim));
        for (int i = 0; i < ticket.Length; i++)
        {
            byte[] changed = [.. ticket];
            changed[i] ^= 1;
            Assert.False(verified.Contains(changed, claim));
        }
    }

    private static string Seal(TicketCodec codec, Binding binding)
    {
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        codec.Seal(binding, text);
        return new string(text);
    }

    private static Binding? Open(TicketCodec codec, string text)
    {
        Span<byte> ticket = stackalloc byte[TicketCodec.TicketBytes];
        return TicketCodec.TryRead(text, ticket) && codec.TryOpen(ticket, TicketCodec.ClaimOf(ticket), out Binding binding)
            ? binding
            : null;
    }

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
