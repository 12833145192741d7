using ActorLb.Node.Top;
using Xunit;

namespace ActorLb.Tests.Top;

public sealed class TopTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(99_999, "99999")]
    [InlineData(100_000, "100k")]
    [InlineData(999_999, "999k")]
    [InlineData(1_000_000, "1.0M")]
    [InlineData(99_999_999, "99.9M")]
    [InlineData(100_000_000, "100M")]
    public void Counts_have_five_characters_at_most(long count, string expected) => Assert.Equal(expected, TopText.Count(count));

    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.0, "0")]
    [InlineData(0.009, "<0.01")]
    [InlineData(0.01, "0.01")]
    [InlineData(9.99, "9.99")]
    [InlineData(12.34, "12.3")]
    [InlineData(123.4, "123")]
    [InlineData(123_456.7, "123k")]
    public void So_have_measures(double? value, string expected) => Assert.Equal(expected, TopText.Measure(value));

    [Theory]
    [InlineData("web-1", 5, "web-1")]
    [InlineData("web-12", 5, "web-…")]
    [InlineData("漢字漢字", 8, "漢字漢字")]
    [InlineData("漢字漢字", 7, "漢字漢…")]
    [InlineData("漢字漢字", 6, "漢字…")]
    [InlineData("x", 0, "")]
    [InlineData("xy", 1, "…")]
    public void Texts_are_cut_by_the_cells_that_they_take(string text, int width, string expected) => Assert.Equal(expected, TopText.Cut(text, width));

    [Theory]
    [InlineData("web/backend-0001.example.com", 12, "web…mple.com")]
    [InlineData("web/a", 12, "web/a")]
    public void Names_are_cut_in_their_middle(string name, int width, string expected) => Assert.Equal(expected, TopText.CutName(name, width));

    [Theory]
    [InlineData("many/backend-0001.shop.example.com", 20, "many/backend-0001…")]
    [InlineData("many/backend-0001.shop.example.com", 15, "many…kend-0001…")]
    [InlineData("many/backend-0001.shop.example.com", 40, "many/backend-0001.shop.example.com")]
    public void An_ending_that_all_have_goes_first(string name, int width, string expected) => Assert.Equal(expected, TopText.CutName(name, width, ".shop.example.com"));

    [Theory]
    [InlineData("a-1.shop.example.com a-2.shop.example.com b.example.com", ".example.com")]
    [InlineData("10.0.0.1:8080 10.0.0.2:8080", ":8080")]
    [InlineData("web-1 web-11", "")]
    [InlineData("x.example.com", "")]
    [InlineData("same.example same.example", ".example")]
    [InlineData("a :", "")]
    public void An_ending_of_all_names_begins_with_a_dot_or_a_colon(string names, string expected) => Assert.Equal(expected, TopText.CommonEnding(names.Split(' ')));

    [Fact]
    public void Long_texts_are_broken_between_words_and_long_words_within()
    {
        Assert.Equal(["one two", "three"], TopText.Wrapped("one two three", 7, 3));
        Assert.Equal(["one two…"], TopText.Wrapped("one two three", 8, 1));
        Assert.Equal(["abcdefg", "hij kl"], TopText.Wrapped("abcdefghij kl", 7, 3));
        Assert.Equal(["a", "bcdefg…"], TopText.Wrapped("a bcdefghijkl", 7, 2));
        Assert.Equal([""], TopText.Wrapped("", 7, 2));
    }
}
