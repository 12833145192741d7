using ActorLb.Node.Cli;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>Nothing that others say reaches a terminal as anything but text.</summary>
public sealed class VisibleWriterTests
{
    [Theory]
    [InlineData("plain text, Grüße\n\tand tabs", "plain text, Grüße\n\tand tabs")]
    [InlineData("\u001b]0;title\u0007", "\\u001b]0;title\\u0007")]
    [InlineData("\u001b[2J\u001b[31mred\u001b[0m", "\\u001b[2J\\u001b[31mred\\u001b[0m")]
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

    [Fact]
    public void Our_own_colours_are_those_of_the_terminal_and_nobody_elses_are()
    {
        string painted = TextPaint.Paint("\u001b[32mx\u001b[0m", TextColour.Bad, inColour: true);
        using var output = new StringWriter();
        using var writer = new VisibleWriter(output);
        writer.WriteLine(painted);
        writer.Write(painted);
        const string Shown = "\u001b[31m\\u001b[32mx\\u001b[0m\u001b[0m";
        Assert.Equal($"{Shown}{Environment.NewLine}{Shown}", output.ToString());
        Assert.Equal("\u001b[32mx\u001b[0m".Length, TextPaint.LengthOf(painted));
        Assert.Equal("x", TextPaint.Paint("x", TextColour.Bad, inColour: false));
    }

    [Fact]
    public void What_is_written_as_a_line_is_one_whatever_is_in_it()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var writer = new VisibleWriter(output);
        writer.WriteLine("a\nerror: forged\r\tb\u200b");
        writer.WriteLine(new System.Text.StringBuilder("c\nd"));
        writer.WriteLine("e\nf".AsSpan());
        Assert.Equal("a\\u000aerror: forged\\u000d\\u0009b\\u200b\nc\\u000ad\ne\\u000af\n", output.ToString());
    }

    [Fact]
    public async Task What_a_refused_file_says_is_told_as_text_a_line_each()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("actorlb-visible-");
        try
        {
            string file = Path.Combine(folder.FullName, "node.conf");
            await File.WriteAllTextAsync(file, """
                actorlb.pools."\u001b[31mred\nconfiguration is good" { servers = [ "http://127.0.0.1:1" ] }
                actorlb.pools.web { backends = [ { id = "\u001b[32m\n\u0007", address = "http://127.0.0.1:1" } ], "\u001b[33mno\nsuch" = 1 }
                """);
            ConfigurationResult result = ConfigurationLoader.Load([file]);
            var run = new CommandRun { Reading = new ConfigurationReading(result.Settings, [.. result.Mistakes.Select(m => m.ToString())], [.. result.Warnings.Select(w => w.ToString())]) };
            Assert.Contains(result.Mistakes, m => m.ToString().Contains('\u001b', StringComparison.Ordinal));
            Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("check", "-c", file));
            Assert.DoesNotContain('\u001b', run.Error + run.Out);
            Assert.DoesNotContain('\u0007', run.Error + run.Out);
            Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Matches("^(actorlb|error|warning): ", l));
            Assert.DoesNotContain(run.Out.Split('\n'), l => l == "configuration is good");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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
