using System.Text.RegularExpressions;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>What a node shows, what docs/metrics.md says of it, and what the rules and the dashboard ask for.</summary>
public sealed partial class MetricsPageTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(RepositoryFiles.PathOf("docs", "metrics.md"));

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-metrics-").FullName;

    public static TheoryData<string> WhatAsks => new()
    {
        RepositoryFiles.PathOf("deploy", "alerts", "actorlb.rules.yml"),
        RepositoryFiles.PathOf("deploy", "grafana", "actorlb.json"),
        RepositoryFiles.PathOf("docs", "metrics.md"),
        RepositoryFiles.PathOf("docs", "operations.md"),
        RepositoryFiles.PathOf("docs", "admin-api.md"),
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_page_of_metrics_has_every_metric_with_its_type_and_no_other()
    {
        IEnumerable<string> told = Row().Matches(Page).Select(r => $"{r.Groups["name"].Value} {r.Groups["type"].Value}");
        IEnumerable<string> shown = Declared().Matches(await ShownAsync()).Select(d => $"{d.Groups["name"].Value} {d.Groups["type"].Value}");
        Assert.Equal(shown.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(WhatAsks))]
    public void What_asks_for_metrics_asks_for_those_that_there_are(string file)
    {
        HashSet<string> known = [.. Row().Matches(Page).SelectMany(Series)];
        string text = File.ReadAllText(file);
        Assert.Empty(Name().Matches(text).Select(n => n.Value).Where(n => !known.Contains(n) && !n.EndsWith('_')).Distinct());
        Assert.Matches(Name(), text);
    }

    private static IEnumerable<string> Series(Match row)
    {
        string name = row.Groups["name"].Value;
        return row.Groups["type"].Value == "histogram" ? [name, $"{name}_bucket", $"{name}_sum", $"{name}_count"] : [name];
    }

    private async Task<string> ShownAsync()
    {
        NodeSettings settings = TestPools.Node(TestPools.Pool("web", "http://127.0.0.1:9")) with
        {
            DataDirectory = Path.Combine(_directory, "data"),
        };
        settings = settings with { Admin = settings.Admin with { AuditLog = new AuditLogSettings(Path.Combine(_directory, "audit.log"), 1 << 16) } };
        settings = settings.With(t => t with { AccessLog = new AccessLogSettings(Path.Combine(_directory, "access.log"), AccessLogFormat.Json, 1 << 16) });
        await using var node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System);
        await node.StartAsync(default);
        using var client = new HttpClient();
        string text = await client.GetStringAsync($"http://{node.AdminEndpoint}/metrics");
        await node.StopAsync(default);
        return text;
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z0-9_]+)` \| (?<type>counter|gauge|histogram) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^# TYPE (?<name>[a-z0-9_]+) (?<type>[a-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\b(actorlb_|http_server_|process_|dotnet_)[a-z0-9_]*\b")]
    private static partial Regex Name();
}
