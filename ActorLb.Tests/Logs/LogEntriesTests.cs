using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ActorLb.Engine;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using ActorLb.Tests.House;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Logs;

/// <summary>Whoever filters or alerts by the number of an entry finds the same tomorrow. The analyzer CA1848 sees to it that there are no others.</summary>
public sealed partial class LogEntriesTests
{
    private static readonly Entry[] All =
    [
        .. new[] { typeof(DataPlane).Assembly, typeof(BalancerNode).Assembly }
            .SelectMany(a => a.GetTypes())
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (Method: m, Message: m.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(m => m.Message is not null)
            .Select(m => new Entry(
                m.Method.DeclaringType!, m.Message!.EventId, m.Message.EventName ?? m.Method.Name, LevelOf(m.Message), m.Message.Message)),
    ];

    [Fact]
    public void The_page_of_logs_lists_every_entry_as_it_is_and_no_other()
    {
        string[] documented =
        [
            .. Row().Matches(File.ReadAllText(RepositoryFiles.PathOf("docs/logs.md")))
                .Select(m => $"{m.Groups["id"].Value} {m.Groups["name"].Value} {m.Groups["level"].Value}: {m.Groups["message"].Value}"),
        ];
        Assert.Equal(
            All.OrderBy(e => e.Id).Select(e => $"{e.Id} {e.Name} {e.Level}: {e.Message}"),
            documented);
    }

    [Fact]
    public void Each_entry_has_a_number_and_a_name_of_its_own()
    {
        Assert.NotEmpty(All);
        Assert.Empty(All.GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(e => e.Name))}"));
        Assert.Empty(All.GroupBy(e => e.Name).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(e => e.Id))}"));
    }

    [Fact]
    public void Each_area_has_a_hundred_numbers_of_its_own()
    {
        (string Area, int Hundred)[] taken = [.. All.Select(e => (AreaOf(e.In), e.Id / 100)).Distinct()];
        Assert.Equal(taken.Length, taken.Select(t => t.Area).Distinct().Count());
        Assert.Equal(taken.Length, taken.Select(t => t.Hundred).Distinct().Count());
    }

    [Fact]
    public void Entries_stand_in_the_Log_of_their_folder_alone()
    {
        Assert.All(All, e => Assert.Equal("Log", e.In.Name));
        Assert.Empty(new[] { "ActorLb.Shared", "ActorLb.Engine", "ActorLb.Node" }
            .SelectMany(Sources.Of)
            .Where(s => s.Text.Contains("[LoggerMessage", StringComparison.Ordinal) && Path.GetFileName(s.Path) != "Log.cs")
            .Select(s => s.Path));
    }

    // ActorLb.Node.Cluster.Clocks is of the area ActorLb.Node.Cluster.
    private static string AreaOf(Type type) => string.Join('.', type.Namespace!.Split('.')[..3]);

    private static string LevelOf(LoggerMessageAttribute message) =>
        message.Level == LogLevel.None ? "varies" : message.Level.ToString().ToLower(CultureInfo.InvariantCulture);

    [Fact]
    public void The_page_of_logs_has_each_field_of_the_access_log_and_no_other()
    {
        string page = File.ReadAllText(RepositoryFiles.PathOf("docs/logs.md"));
        string table = page[page.IndexOf("| field | |", StringComparison.Ordinal)..page.IndexOf("## Entries by number", StringComparison.Ordinal)];
        IEnumerable<string> listed = table.Split('\n')
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(l => FieldName().Matches(l.Split('|')[1]).Select(m => m.Groups[1].Value));
        Assert.Equal(AccessLogFields.Names.Append("header:NAME").Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex FieldName();

    [GeneratedRegex(@"^\| (?<id>\d+) \| (?<name>\w+) \| (?<level>\w+) \| `(?<message>.+)` \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed record Entry(Type In, int Id, string Name, string Level, string Message);
}
