using ActorLb.Engine.Certificates;
using Xunit;

namespace ActorLb.Tests.Certificates;

public sealed class ServerNamesTests
{
    private static readonly ServerNames<string> Names = new(
    [
        ("first", ["first.example"]),
        ("wild", ["*.shop.example", "*.example", "a*.odd.example", "*.*.deep.example", "*", "*."]),
        ("exact", ["www.shop.example", "shop.example", "Mixed.Example"]),
        ("again", ["www.shop.example", "*.shop.example", "own.again.example"]),
        ("foreign", ["xn--mller-kva.de"]),
        ("nameless", []),
    ]);

    [Theory]
    [InlineData("www.shop.example", "exact")]
    [InlineData("WWW.Shop.EXAMPLE", "exact")]
    [InlineData("mixed.example", "exact")]
    [InlineData("www.shop.example.", "exact")]
    [InlineData("img.shop.example", "wild")]
    [InlineData("shop.example", "exact")]
    [InlineData("other.example", "wild")]
    [InlineData("own.again.example", "again")]
    [InlineData("m\u00fcller.de", "foreign")]
    [InlineData("xn--mller-kva.de", "foreign")]
    public void A_name_leads_to_the_first_that_bears_it_and_an_asterisk_stands_for_one_label(string asked, string found) =>
        Assert.Equal(found, Names.Of(asked));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("elsewhere.org")]
    [InlineData("a.b.shop.example")]
    [InlineData(".shop.example")]
    [InlineData("ab.odd.example")]
    [InlineData("a.b.deep.example")]
    [InlineData("*.unknown.example")]
    [InlineData("example")]
    [InlineData("127.0.0.1")]
    [InlineData("\u00fc..de")]
    public void Who_asks_for_nothing_that_there_is_gets_the_first(string? asked) => Assert.Equal("first", Names.Of(asked));
}
