using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using ActorLb.Node.Admin;
using ActorLb.Node.Reloads;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Revisions;
using Xunit;

namespace ActorLb.Tests.Topologies;

public sealed class WithheldValuesTests
{
    private const string Secret = "s3cret \", } ] of-an-operator \\";

    private static readonly RouteSettings Plain = new("shop.test", "/api", "web") { Methods = ["GET", "PUT"] };

    private static readonly HeaderEditSettings Sets = HeaderEditSettings.None with { Set = [new RouteHeader("Authorization", Secret), new RouteHeader("X-Kind", Secret)], Remove = ["X-Old"] };

    private static readonly HeaderEditSettings Adds = HeaderEditSettings.None with { Add = [new RouteHeader("X-Key", Secret)] };

    /// <summary>Each that has something in it that is for those alone who may read the text.</summary>
    public static TheoryData<string> Withheld => new(Of.Keys);

    private static ImmutableSortedDictionary<string, RouteSettings> Of { get; } = new Dictionary<string, RouteSettings>
    {
        ["headers of a condition"] = Plain with { Headers = [new RouteHeader("X-Tenant", Secret), new RouteHeader("X-There", null)] },
        ["request-headers.set"] = With(new() { RequestHeaders = Sets }),
        ["request-headers.add"] = With(new() { RequestHeaders = Adds }),
        ["response-headers.set"] = With(new() { ResponseHeaders = Sets }),
        ["response-headers.add"] = With(new() { ResponseHeaders = Adds }),
        ["auth.forward.url"] = With(new() { ForwardAuth = new ForwardAuthSettings(new Uri("http://auth.test/check?key=s3cret"), ["X-User"], TimeSpan.FromSeconds(1), PassesUnasked: true) }),
        ["all of them"] = (Plain with { Headers = [new RouteHeader("X-Tenant", Secret)] }) with
        {
            Filters = new() { RequestHeaders = Sets with { Add = Adds.Add }, ResponseHeaders = Adds, ForwardAuth = new ForwardAuthSettings(new Uri("http://u:s3cret@auth.test/"), [], TimeSpan.FromSeconds(1), PassesUnasked: false) },
        },
    }.ToImmutableSortedDictionary();

    [Theory]
    [MemberData(nameof(Withheld))]
    public void Values_of_fields_and_addresses_are_withheld_and_all_else_of_a_route_is_shown(string what)
    {
        string written = TopologyTree.Of(Of[what]);
        string shown = WithheldValues.InRoute(written);
        Assert.Contains("s3cret", written, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", shown, StringComparison.Ordinal);
        Assert.Contains("(secret)", shown, StringComparison.Ordinal);
        Assert.StartsWith("{ host = \"shop.test\", path = \"/api\", methods = [GET, PUT], ", shown, StringComparison.Ordinal);
        Assert.EndsWith(", pool = web }", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_without_such_values_is_shown_as_it_is_written()
    {
        string written = TopologyTree.Of(With(new()
        {
            Allow = [IPNetwork.Parse("10.0.0.0/8")],
            BasicAuth = new BasicAuthSettings("users", "a \"realm\", {of} [ours]", Passes: true),
            Respond = new RespondSettings(503, "set { X = 1 }, headers = [{ value = \"x\" }]", "text/plain"),
            RequestHeaders = HeaderEditSettings.None with { Remove = ["X-Old"] },
        }));
        Assert.Equal(written, WithheldValues.InRoute(written));
    }

    [Fact]
    public void What_cannot_be_followed_is_withheld_as_a_whole()
    {
        string written = TopologyTree.Of(Of["all of them"]);
        for (int length = 1; length < written.Length; length++)
        {
            Assert.DoesNotContain("s3cret", WithheldValues.InRoute(written[..length] + "…"), StringComparison.Ordinal);
        }

        Assert.Equal("(secret)", WithheldValues.InRoute("{ host = \"a\" } }"));
    }

    [Theory]
    [InlineData("\"/healthz?key=s3cret\"", "\"/other?key=s3cret\"", "\"/healthz?(secret)\"", "\"/other?(secret)\"")]
    [InlineData("\"/healthz?key=s3cret\"", "\"/healthz?key=an0ther\"", "\"/healthz?(secret)\"", "(another secret)")]
    [InlineData("\"/healthz\"", null, "\"/healthz\"", null)]
    public void Of_a_probes_path_the_query_is_withheld(string old, string? now, string shownOld, string? shownNow) =>
        Assert.Equal(
            new SettingDifference("pools.\"a.b\".health.path", shownOld, shownNow),
            WithheldValues.In(new SettingDifference("pools.\"a.b\".health.path", old, now)));

    [Theory]
    [InlineData("?from=3", "new")]
    [InlineData("?from=3&to=3", "new")]
    [InlineData("?nodes", "there")]
    [InlineData("", "inForce")]
    public async Task Who_may_only_read_sees_them_in_no_difference_and_who_operates_in_each(string query, string member)
    {
        AdminToken[] tokens = [new("viewer", TokenDigest.Of("a-token-that-may-look"), AdminRole.Read), new("ops", TokenDigest.Of("a-token-that-may-operate"), AdminRole.Operate)];
        await using AdminFixture node = await AdminFixture.StartAsync([.. tokens]);
        ImmutableArray<SettingDifference> all =
        [
            .. Of.Values.Select((r, i) => new SettingDifference($"routes[{i}]", TopologyTree.Of(Plain), TopologyTree.Of(r))),
            new("routes[9] (moved)", "routes[8]", TopologyTree.Of(Of["request-headers.set"])),
            new("pools.web.health.path", "\"/\"", "\"/healthz?key=s3cret\""),
        ];
        node.Revisions.Differences = all;
        node.Revisions.Status = new RevisionStatus(RevisionHistory.Of([RevisionHistoryTests.Given(3, "lb1")]), null);
        node.Reloads.Nodes = [new NodeComparison("lb2", ComparisonOutcome.Differs, 2, 0, all, 0)];
        node.View.OverlayDifferences = all;
        using HttpClient client = node.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-token-that-may-look");
        string read = await client.GetStringAsync($"/api/v1/topology/diff{query}");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-token-that-may-operate");
        string operated = await client.GetStringAsync($"/api/v1/topology/diff{query}");
        Assert.DoesNotContain("s3cret", read, StringComparison.Ordinal);
        Assert.Contains($"\"{member}\":\"\\\"/healthz?(secret)\\\"\"", Compact(read), StringComparison.Ordinal);
        Assert.Contains($"\"{member}\":\"\\\"/healthz?key=s3cret\\\"\"", Compact(operated), StringComparison.Ordinal);
    }

    [Fact]
    public void Which_route_a_request_takes_is_told_without_them()
    {
        Topology topology = TestPools.Node().Topology with { Routes = [Of["headers of a condition"] with { Pool = "web" }, With(new() { RequestHeaders = Sets })] };
        RouteDocument all = RouteDocument.Of(null, topology, Question());
        RouteDocument some = RouteDocument.Of(null, topology, Question(), mayReadText: false);
        Assert.Contains("s3cret", all.Unfit[0].Why, StringComparison.Ordinal);
        Assert.Contains("s3cret", all.Route!.Written, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", some.ToString() + some.Route + some.Unfit[0] + some.Unfit[0].Why, StringComparison.Ordinal);
        Assert.Equal("the request has no header X-Tenant: (secret)", some.Unfit[0].Why);
    }

    private static RouteQuestion Question() => RouteQuestion.Of(new Microsoft.AspNetCore.Http.QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>
    {
        ["url"] = "http://shop.test/api/x",
    }));

    private static string Compact(string json) => json.Replace("\\u0022", "\\\"", StringComparison.Ordinal).Replace("\": ", "\":", StringComparison.Ordinal);

    private static RouteSettings With(RouteFilterSettings filters) => Plain with { Filters = filters };
}
