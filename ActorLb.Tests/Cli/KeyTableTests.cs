using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class KeyTableTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly KeysDocument Keys = new(
        [
            new("00d3", "shared", Now, "signing", null, ["api", "web"]),
            new("b7a1", "shared", Now.AddDays(-1), "verifying", Now.AddDays(1), ["api", "web"]),
            new("93f0", "configuration", null, "verifying", null, ["a-pool-with-a-long-name", "another-pool-with-a-long-name"]),
        ],
        new("spreading", "00d3", [new("node-2", "it has not confirmed that it keeps the key", Now.AddHours(1)), new("node-3", "it cannot be reached", null)]));

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal_and_no_heading_or_time_is_cut(int width)
    {
        string printed = Printed(width);
        Assert.All(printed.Split(Environment.NewLine), l => Assert.InRange(l.Length, 0, width));
        Assert.DoesNotContain("…", printed, StringComparison.Ordinal);
        Assert.Contains("Honoured until", printed, StringComparison.Ordinal);
        Assert.Contains("node-3 (it cannot be", printed.ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void At_80_columns_the_pools_of_a_key_are_below_it() => Assert.StartsWith(
        """
        Key   State      Source         Created               Honoured until
        00d3  signing    shared         2027-01-15T08:00:00Z
            api, web

        """.ReplaceLineEndings(),
        Printed(80),
        StringComparison.Ordinal);

    private static string Printed(int width)
    {
        using var text = new StringWriter();
        KeyTables.Print(Keys, text, width, inColour: false);
        return text.ToString();
    }
}
