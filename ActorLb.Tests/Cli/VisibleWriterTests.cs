using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>Nothing that others say reaches a terminal as anything but text.</summary>
public sealed class VisibleWriterTests
{
    [Theory]
    [InlineData("plain text, Grüße\n\tand tabs", "plain text, Grüße\n\tand tabs")]
    [InlineData("\u001b]0;title\u0007", "\\u001b]0;title\\u0007")]
    [InlineData("\u001b[2J\u001b[31mred\u001b[0m", "\\u001b[2J\u001b[31mred\u001b[0m")]
    [InlineData("a\rb\r\nc", "a\\u000db\r\nc")]
    [InlineData("\rdrawn again", "\rdrawn again")]
    [InlineData("\u009b2J\u007f\b\0", "\\u009b2J\\u007f\\u0008\\u0000")]
    [InlineData("\u202egnp.exe", "\\u202egnp.exe")]
    public void Control_characters_are_shown_and_do_nothing(string text, string expected)
    {
        using var output = new StringWriter();
        using var writer = new VisibleWriter(output);
        writer.Write(text);
        Assert.Equal(expected, output.ToString());
    }

    [Theory]
    [InlineData("web-1, Grüße", "web-1, Grüße")]
    [InlineData("[red]x[/]", "[red]x[/]")]
    [InlineData("\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m")]
    [InlineData("a\nb\tc\rd\u0085", "a\\u000ab\\u0009c\\u000dd\\u0085")]
    [InlineData("\u202egnp.exe\u200b\u2028\ufeff", "\\u202egnp.exe\\u200b\\u2028\\ufeff")]
    [InlineData("\U000e0041", "\\ue0041")]
    public void In_a_part_of_a_line_nothing_is_ours(string text, string expected) => Assert.Equal(expected, VisibleWriter.OnOneLine(text));

    [Theory]
    [InlineData("fly\u001b[2J")]
    [InlineData("drain web/\u001b[2J --admin http://127.0.0.1:1")]
    [InlineData("status --admin \u001b]0;x\u0007")]
    [InlineData("check -c /\u001b[2J")]
    [InlineData("apply -c /\u001b[2J")]
    public async Task Arguments_are_told_as_text(string line)
    {
        var run = new CommandRun();
        Assert.NotEqual(ExitCode.Good, await run.RunAsync(line.Split(' ')) + (line.StartsWith("check", StringComparison.Ordinal) ? 1 : 0));
        Assert.DoesNotContain('\u001b', run.Error + run.Out);
        Assert.DoesNotContain('\u0007', run.Error + run.Out);
    }
}
