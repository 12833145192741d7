using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Node.Admin;
using ActorLb.Node.Tokens;
using ActorLb.Node.Cli;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Cli;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class KeyApiTests
{
    private static readonly DateTimeOffset At = FakeDesk.Now;

    private static readonly TicketKeyReport Report = new(
        [
            new ReportedKey(0xa0b1, At.ToUnixTimeMilliseconds(), TicketKeyUse.Signing, 0),
            new ReportedKey(0x00c2, At.ToUnixTimeMilliseconds(), TicketKeyUse.Verifying, At.AddMinutes(50).ToUnixTimeMilliseconds()),
            new ReportedKey(0x00d3, At.ToUnixTimeMilliseconds(), TicketKeyUse.Spreading, 0),
        ],
        RotationPhase.Spreading,
        0x00d3,
        [new KeyWait("lb3", KeyWaitReason.Lost, At.AddMinutes(50).ToUnixTimeMilliseconds()), new KeyWait("lb2", KeyWaitReason.NotKept, 0)]);

    [Fact]
    public async Task Keys_have_exactly_the_documented_shape()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Keys.Report = Report;
        using HttpClient client = node.Client();

        string json = await client.GetStringAsync("/api/v1/keys");

        const string Expected = """
            {"keys":[
            {"id":"a0b1","source":"shared","createdAt":"2027-01-15T08:00:00+00:00","state":"signing","verifiesUntil":null,"pools":["web"]},
            {"id":"00c2","source":"shared","createdAt":"2027-01-15T08:00:00+00:00","state":"verifying","verifiesUntil":"2027-01-15T08:50:00+00:00","pools":["web"]},
            {"id":"00d3","source":"shared","createdAt":"2027-01-15T08:00:00+00:00","state":"spreading","verifiesUntil":null,"pools":["web"]}],
            "rotation":{"state":"spreading","key":"00d3","waitsFor":[
            {"node":"lb3","reason":"lost","until":"2027-01-15T08:50:00+00:00"},
            {"node":"lb2","reason":"not-kept","until":null}]}}
            """;
        Assert.Equal(Canonical(Expected), Canonical(json));

        static string Canonical(string text) => JsonSerializer.Serialize(JsonDocument.Parse(text).RootElement);
    }

    [Fact]
    public void Keys_from_the_configuration_are_listed_with_their_pools_and_without_their_texts()
    {
        TicketKey first = TicketKey.FromText("first configured key");
        TicketKey second = TicketKey.FromText("second configured key");
        PoolSettings web = TestPools.Pool("web", "http://s:1");
        PoolSettings api = TestPools.Pool("api", "http://s:1");
        web = web with { Affinity = web.Affinity with { Keys = [first], SharedKeysAt = 1 } };
        api = api with { Affinity = api.Affinity with { Keys = [second, first] } };
        var plane = new DataPlane(TestPools.Node(web, api), TimeProvider.System);

        KeysDocument document = KeysDocument.Of(plane, Report with { Rotation = RotationPhase.None });

        Assert.Equal(["verifying", "verifying", "spreading", "signing", "signing"], document.Keys.Select(k => k.State));
        Assert.Equal(["web"], document.Keys[0].Pools);
        Assert.Equal(
            [($"{second.Id:x4}", "configuration", "api"), ($"{first.Id:x4}", "configuration", "api web")],
            document.Keys.Skip(3).Select(k => (k.Id, k.Source, string.Join(' ', k.Pools))));
        Assert.Equal(new KeysDocument.Progress("none", null, []).State, document.Rotation.State);
    }

    [Theory]
    [InlineData(RotationOutcome.Signs, 200, true)]
    [InlineData(RotationOutcome.Spreading, 202, false)]
    public async Task A_rotation_is_confirmed_when_it_signs_everywhere_and_else_accepted(RotationOutcome outcome, int status, bool confirmed)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Keys.Outcome = outcome;
        node.Keys.Report = confirmed ? Report with { Rotation = RotationPhase.None } : Report;
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsync("/api/v1/keys/rotate", null);

        Assert.Equal(status, (int)response.StatusCode);
        RotationDocument? document = await response.Content.ReadFromJsonAsync<RotationDocument>();
        Assert.Equal(("a0b1", confirmed), (document!.Key, document.Confirmed));
        Assert.Equal(confirmed ? "none" : "spreading", document.Rotation.State);
        Assert.Equal(confirmed ? 0 : 2, document.Rotation.WaitsFor.Count);
        Assert.Empty(Assert.Single(node.Keys.Taken).Without);
    }

    [Fact]
    public async Task Lost_nodes_may_be_left_out()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        await client.PostAsJsonAsync("/api/v1/keys/rotate", new { without = new[] { "lb3", "lb4" } });
        Assert.Equal(["lb3", "lb4"], Assert.Single(node.Keys.Taken).Without.ToArray());
    }

    [Theory]
    [InlineData("{\"without\":\"lb3\"}", 400, "bad-request")]
    [InlineData("{\"force\":true}", 400, "bad-request")]
    [InlineData("[", 400, "bad-request")]
    public async Task Mistakes_are_problem_details_and_rotate_nothing(string body, int status, string problem)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        HttpResponseMessage response = await client.PostAsync("/api/v1/keys/rotate", new StringContent(body, Encoding.UTF8, "application/json"));
        await Problem(response, status, problem);
        Assert.Empty(node.Keys.Taken);
    }

    [Fact]
    public async Task Too_many_keys_are_409_and_the_answer_says_until_when()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Keys.Report = Report;
        node.Keys.Outcome = RotationOutcome.TooManyKeys;
        using HttpClient client = node.Client();
        string detail = await Problem(await client.PostAsync("/api/v1/keys/rotate", null), 409, "too-many-keys");
        Assert.Contains("2027-01-15T08:50:00Z", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_from_the_configuration_alone_are_409_and_the_answer_says_how_to_rotate()
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1");
        var plane = new DataPlane(TestPools.Node(pool), TimeProvider.System);
        var keys = new FakeKeyDesk { Failure = new InvalidOperationException("not to be asked") };
        await using var server = new AdminServer(
            plane, new AdminTokens(plane.Settings.Admin), new FakeView(), new FakeDesk(), new FakeBackendDesk(), keys, new FakeSessionDesk(), new FakeReloads(), new FakeRevisions(), AdminFixture.NoEvents(), FakeFiguresDesk.NoSessions(plane), new FakeFiguresDesk(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{server.Endpoint}") };

        string detail = await Problem(await client.PostAsync("/api/v1/keys/rotate", null), 409, "keys-configured");
        Assert.Contains("affinity.keys", detail, StringComparison.Ordinal);
        KeysDocument? document = await client.GetFromJsonAsync<KeysDocument>("/api/v1/keys");
        Assert.Equal(("configuration", "signing"), (document!.Keys.Single().Source, document.Keys.Single().State));
    }

    [Fact]
    public async Task A_control_plane_that_is_silent_or_not_ready_is_said_so()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        node.Keys.Outcome = RotationOutcome.NotReady;
        await Problem(await client.PostAsync("/api/v1/keys/rotate", null), 503, "unavailable");
        node.Keys.Failure = new TimeoutException();
        await Problem(await client.PostAsync("/api/v1/keys/rotate", null), 504, "no-answer");
        await Problem(await client.GetAsync("/api/v1/keys"), 504, "no-answer");
        node.Keys.Failure = new InvalidOperationException("inside");
        string detail = await Problem(await client.GetAsync("/api/v1/keys"), 503, "unavailable");
        Assert.DoesNotContain("inside", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_rotates_and_says_what_signs()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("keys", "rotate", "--admin", node.Url.ToString(), "--without", "lb3"));
        Assert.Contains("key a0b1 signs on all nodes", run.Out, StringComparison.Ordinal);
        Assert.Equal(["lb3"], Assert.Single(node.Keys.Taken).Without.ToArray());
    }

    [Fact]
    public async Task The_command_line_names_whom_a_rotation_waits_for_and_fails()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Keys.Outcome = RotationOutcome.Spreading;
        node.Keys.Report = Report;
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("keys", "rotate", "--json", "--admin", node.Url.ToString()));
        Assert.Contains("lb3 (lost, at most until 2027-01-15T08:50:00Z), lb2 (not-kept)", run.Error, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(run.Out).RootElement.GetProperty("confirmed").GetBoolean());
    }

    [Fact]
    public async Task The_command_line_lists_keys_as_a_table_or_as_the_api_sent_them()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Keys.Report = Report;
        var table = new CommandRun();
        Assert.Equal(ExitCode.Good, await table.RunAsync("keys", "list", "--admin", node.Url.ToString()));
        Assert.Matches(@"00c2 +verifying +shared +2027-01-15T08:00:00Z +2027-01-15T08:50:00Z +web", table.Out);
        Assert.Contains("rotation to 00d3: spreading", table.Out, StringComparison.Ordinal);

        var json = new CommandRun();
        Assert.Equal(ExitCode.Good, await json.RunAsync("keys", "list", "--json", "--admin", node.Url.ToString()));
        Assert.Equal(3, JsonDocument.Parse(json.Out).RootElement.GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public async Task Metrics_count_keys_rotations_and_tickets_of_unknown_keys()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        node.Plane.Keys = TicketKeyRing.Of([new TicketKey([.. new byte[32]], now - 7_200_000), TicketKey.FromText("another one of them") with { CreatedAt = now }]);
        node.Plane.SessionCounters.SignerChanged();
        node.Plane.SessionCounters.TicketKeyUnknown();
        using HttpClient client = node.Client();

        string text = await client.GetStringAsync("/metrics");

        Assert.Contains("\nactorlb_ticket_keys 2\n", text, StringComparison.Ordinal);
        Assert.Matches(@"\nactorlb_ticket_key_age_seconds 7[2-9]\d\d", text);
        Assert.Contains("\nactorlb_ticket_key_rotations_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nactorlb_tickets_unknown_key_total 1\n", text, StringComparison.Ordinal);
    }

    private static async Task<string> Problem(HttpResponseMessage response, int status, string problem)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"urn:actorlb:problem:{problem}", json.GetProperty("type").GetString());
        return json.GetProperty("detail").GetString()!;
    }
}
