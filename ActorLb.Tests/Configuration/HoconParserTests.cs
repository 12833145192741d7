using ActorLb.Node.Configuration.Hocon;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class HoconParserTests
{
    [Theory]
    [InlineData("a = 1", "{a:1}")]
    [InlineData("{ a = 1 }", "{a:1}")]
    [InlineData("a : 1, b = 2\nc = 3,", "{a:1,b:2,c:3}")]
    [InlineData("a { b = 1 }, c = 2", "{a:{b:1},c:2}")]
    [InlineData("a { b { c = 1 }, d = 2 }\ne = 3", "{a:{b:{c:1},d:2},e:3}")]
    [InlineData("a.b.c = 1\na.b.d = 2", "{a:{b:{c:1,d:2}}}")]
    [InlineData("\"a.b\".c = 1", "{a.b:{c:1}}")]
    [InlineData("a\n{\n b = 1\n}", "{a:{b:1}}")]
    [InlineData("a = [1, 2\n3,]", "{a:[1,2,3]}")]
    [InlineData("a = [ { b = 1 }, { b = 2 } ]", "{a:[{b:1},{b:2}]}")]
    [InlineData("a = []\nb {}\nc = \"\"", "{a:[],b:{},c:}")]
    [InlineData("a = one two  three # and a comment", "{a:one two  three}")]
    [InlineData("a = /path // and a comment\nb = \"http://x:1/\" # again", "{a:/path,b:http://x:1/}")]
    [InlineData("a = \"q\\\"\\\\\\n\\u0041\"", "{a:q\"\\\n\u0041}")]
    [InlineData("a = \"\"\"three \"quotes\"\n\\n\"\"\"\"", "{a:three \"quotes\"\n\\n\"}")]
    [InlineData("a = 1\na = 2", "{a:2}")]
    [InlineData("a { b = 1 }\na = 2\n", "{a:2}")]
    [InlineData("a = 1\na { b = 2 }", "{a:{b:2}}")]
    [InlineData("# nothing\n\n// at all", "{}")]
    [InlineData("\uFEFFa = 1\r\nb = 2\r\n", "{a:1,b:2}")]
    public void What_is_written_is_what_is_read(string text, string expected) =>
        Assert.Equal(expected, Show(HoconParser.Parse("f", text)));

    [Theory]
    [InlineData("a { b = 1\nc = 2", 1, 3, "the { that opens here is never closed")]
    [InlineData("a = 1\nb { c = 1 } }\nd = 2", 2, 13, "a } too many")]
    [InlineData("a = [1, 2 }", 1, 11, "a } where the [ of line 1 is open")]
    [InlineData("a { b = [1 ] ]", 1, 14, "a ] where the { of line 1 is open")]
    [InlineData("{ a = 1 } b = 2", 1, 11, "this stands after the closing brace of the whole file")]
    [InlineData("a = \"open\nb = 2", 1, 5, "the quote that opens here is not closed on its line")]
    [InlineData("a = \"\"\"open", 1, 5, "the three quotes that open here are never closed")]
    [InlineData("a = \"\\x\"", 1, 7, "an unknown escape after \\")]
    [InlineData("a =", 1, 4, "a value is missing here")]
    [InlineData("a { b = }", 1, 9, "a value is missing here")]
    [InlineData("a\nb = 2", 1, 1, "no value after 'a'")]
    [InlineData("my key = 2", 1, 1, "no value after 'my'")]
    [InlineData("a = b = c", 1, 7, "'=' inside a value")]
    [InlineData("bind = 127.0.0.1:8080", 1, 17, "':' inside a value")]
    [InlineData("host = *", 1, 8, "'*' inside a value")]
    [InlineData("a = [1,, 2]", 1, 8, "two commas in a row")]
    [InlineData("a += 1", 1, 3, "+= is not supported")]
    [InlineData("include \"other.conf\"", 1, 1, "include is not supported")]
    [InlineData("a = null", 1, 5, "null is no value here")]
    [InlineData("a = ${b", 1, 5, "the ${ that opens here is not closed")]
    [InlineData("a = ${}", 1, 7, "'}' where a name should begin")]
    [InlineData("= 1", 1, 1, "'=' where a name should begin")]
    [InlineData("a. = 1", 1, 3, "a name is missing here")]
    public void A_text_that_is_no_HOCON_is_refused_at_its_line_and_column(string text, int line, int column, string problem)
    {
        HoconSyntaxException refused = Assert.Throws<HoconSyntaxException>(() => HoconParser.Parse("f", text));
        Assert.Equal(problem, refused.Message);
        Assert.Equal(new HoconOrigin("f", line, column), refused.Origin);
        Assert.NotEmpty(refused.Expected);
    }

    [Fact]
    public void Nesting_without_end_is_refused_before_the_stack_is_used_up() =>
        Assert.Throws<HoconSyntaxException>(() => HoconParser.Parse("f", "a = " + new string('[', 100_000)));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(10_000, false)]
    public void Dots_nest_as_braces_do(int parts, bool isRead)
    {
        string key = string.Join('.', Enumerable.Repeat("a", parts));
        Assert.Equal(isRead, Reads($"{key} = 1"));
        Assert.Equal(isRead, Reads($"{key} {{ }}"));
        Assert.False(Reads($"b.c {{ {key} = 1 }}"));
    }

    [Theory]
    [InlineData("${b}")]
    [InlineData("${b} x")]
    [InlineData("{ c = ${b} }")]
    public void A_key_that_is_written_without_end_over_what_is_not_known_yet_is_refused(string value)
    {
        Assert.True(Reads(string.Concat(Enumerable.Repeat($"a = {value}\n", 65))));
        Assert.False(Reads(string.Concat(Enumerable.Repeat($"a = {value}\n", 66))));
    }

    private static bool Reads(string text)
    {
        try
        {
            HoconParser.Parse("f", text);
            return true;
        }
        catch (HoconSyntaxException)
        {
            return false;
        }
    }

    [Fact]
    public void Every_prefix_of_a_file_is_read_or_refused_and_never_hangs()
    {
        // Comments are most of it, and all alike to a parser.
        string[] lines = [.. Node.Configuration.ReferenceConfiguration.Text.Split('\n').Where((line, i) => i % 50 == 0 || !line.TrimStart().StartsWith('#'))];
        string text = string.Join('\n', lines);
        for (int length = 0; length < text.Length; length++)
        {
            ReadOrRefuse(text[..length]);
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_hangs() =>
        Gen.OneOf([.. new[] { "{", "}", "[", "]", "=", ":", ",", "\n", " ", "\"", "\"\"\"", "${", "${?", "a", "b.c", "#", "//", "\\", "+=", "null", "é", "\0", "\r" }.Select(part => Gen.Const(part))])
            .Array[0, 24]
            .Sample(parts => ReadOrRefuse(string.Concat(parts)));

    private static void ReadOrRefuse(string text)
    {
        try
        {
            HoconParser.Parse("f", text);
        }
        catch (HoconSyntaxException e)
        {
            Assert.True(e.Origin.Line > 0);
        }
    }

    internal static string Show(HoconValue value) => value switch
    {
        HoconText text => text.Text,
        HoconList list => "[" + string.Join(",", list.Items.Select(Show)) + "]",
        HoconObject members => "{" + string.Join(",", members.Members.Select(m => m.Key + ":" + Show(m.Value))) + "}",
        _ => "?",
    };
}
