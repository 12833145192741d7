using ActorLb.Node.Cli;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class LogLineFormatterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));

    [Fact]
    public void An_entry_is_one_line() =>
        Assert.Equal("2026-05-04T03:02:01.000Z warn: Some.Category[7] all is well" + Environment.NewLine, Written(LogLevel.Warning, "all is well"));

    [Theory]
    [InlineData("a\nb", "a b")]
    [InlineData("a\r\nb", "a b")]
    [InlineData("a\rb", @"a\u000db")]
    [InlineData("a\u001b[2Jb", @"a\u001b[2Jb")]
    [InlineData("a\u001b[31mb", @"a\u001b[31mb")]
    [InlineData("a\0\u0007\u202eb", @"a\u0000\u0007\u202eb")]
    public void What_others_say_is_shown_and_does_nothing(string message, string shown) =>
        Assert.EndsWith($"[7] {shown}{Environment.NewLine}", Written(LogLevel.Information, message), StringComparison.Ordinal);

    [Fact]
    public void An_exception_is_in_the_same_line()
    {
        string line = Written(LogLevel.Error, "it failed", new InvalidOperationException("because\nof\u001bthis"));
        Assert.Contains(@"it failed System.InvalidOperationException: because of\u001bthis", line, StringComparison.Ordinal);
        Assert.Equal(line.Length - Environment.NewLine.Length, line.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void The_level_alone_is_coloured_where_it_is_wanted() =>
        Assert.Contains("\u001b[31mfail\u001b[0m: ", Written(LogLevel.Error, "red", inColour: true), StringComparison.Ordinal);

    private string Written(LogLevel level, string message, Exception? exception = null, bool inColour = false)
    {
        using var text = new StringWriter();
        new LogLineFormatter(_time, inColour).Write(new LogEntry<string>(level, "Some.Category", 7, message, exception, (m, _) => m), null, text);
        return text.ToString();
    }
}
