using ActorLb.Node.Configuration.Hocon;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class HoconResolverTests
{
    [Theory]
    [InlineData("a = 1\nb = ${a}", "{a:1,b:1}")]
    [InlineData("b = ${a}\na = 1", "{b:1,a:1}")]
    [InlineData("a.b.c = 1\nd = ${a.b.c}", "{a:{b:{c:1}},d:1}")]
    [InlineData("a { b = ${a.c}, c = 1 }", "{a:{b:1,c:1}}")]
    [InlineData("a { b = 1 }\nc = ${a} { d = 2 }", "{a:{b:1},c:{b:1,d:2}}")]
    [InlineData("a = [1]\nb = ${a} [2, 3]", "{a:[1],b:[1,2,3]}")]
    [InlineData("a = one\nb = ${a} and ${a}-two", "{a:one,b:one and one-two}")]
    [InlineData("a = \"http://\"${HOST}\":80\"", "{a:http://here:80}")]
    [InlineData("a = ${HOST}", "{a:here}")]
    [InlineData("HOST = mine\na = ${HOST}", "{HOST:mine,a:mine}")]
    [InlineData("a = ${?NOBODY}", "{}")]
    [InlineData("a = 1\na = ${?NOBODY}", "{a:1}")]
    [InlineData("a = 1\na = ${?HOST}", "{a:here}")]
    [InlineData("a = [1, ${?NOBODY}, ${HOST}]", "{a:[1,here]}")]
    [InlineData("a = x${?NOBODY}", "{a:x}")]
    [InlineData("b { x = 1 }\na = ${b}\na { y = 2 }\nc = ${a.x}${a.y}", "{b:{x:1},a:{x:1,y:2},c:12}")]
    public void References_are_replaced_by_keys_and_else_by_the_environment(string text, string expected)
    {
        (HoconObject resolved, List<string> mistakes) = Resolve(text);
        Assert.Empty(mistakes);
        Assert.Equal(expected, HoconParserTests.Show(resolved));
    }

    [Theory]
    [InlineData("a = ${NOBODY}", "f:1:5 NOBODY is neither a key nor an environment variable")]
    [InlineData("a = ${b}\nb = ${a}", "f:2:5 ${a} refers to itself")]
    [InlineData("a { b = ${a} }", "f:1:9 ${a} refers to itself")]
    [InlineData("b = [1]\na = ${b} text", "f:2:5 values of different kinds beside each other")]
    public void What_cannot_be_replaced_is_a_mistake(string text, string expected) =>
        Assert.Contains(expected, Resolve(text).Mistakes);

    [Theory]
    [InlineData("${0}${0}", "text of twenty-six letters")]
    [InlineData("[${0}, ${0}, ${0}, ${0}, ${0}, ${0}, ${0}, ${0}, ${0}, ${0}]", "[1]")]
    [InlineData("{ x = ${0}, y = ${0} }", "{ z = 1 }")]
    public void References_that_lead_to_more_and_more_are_one_mistake(string step, string first)
    {
        string text = $"a0 = {(first.Contains(' ') && first[0] != '{' ? $"\"{first}\"" : first)}\n"
            + string.Join('\n', Enumerable.Range(1, 40).Select(i => $"a{i} = {step.Replace("${0}", $"${{a{i - 1}}}", StringComparison.Ordinal)}"));
        Assert.Contains("references lead to references", Assert.Single(Resolve(text).Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_may_be_used_in_many_places() =>
        Assert.Empty(Resolve($"a = \"{new string('x', 10_000)}\"\n" + string.Join('\n', Enumerable.Range(0, 300).Select(i => $"b{i} = ${{a}}"))).Mistakes);

    [Fact]
    public void A_later_layer_changes_what_references_of_an_earlier_one_find()
    {
        HoconObject below = HoconParser.Parse("base", "port = 1\nurl = x${port}\nlist = [1]");
        HoconObject above = HoconParser.Parse("over", "port = 2\nlist = [2]");
        HoconObject resolved = new HoconResolver(HoconLayering.Over(below, above), _ => null, (_, problem, _) => Assert.Fail(problem)).Resolve();
        Assert.Equal("{port:2,url:x2,list:[2]}", HoconParserTests.Show(resolved));
    }

    private static (HoconObject Resolved, List<string> Mistakes) Resolve(string text)
    {
        var mistakes = new List<string>();
        var resolver = new HoconResolver(
            HoconParser.Parse("f", text),
            name => name == "HOST" ? "here" : null,
            (origin, problem, _) => mistakes.Add($"{origin} {problem}"));
        return (resolver.Resolve(), mistakes);
    }
}
