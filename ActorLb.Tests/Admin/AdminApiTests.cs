using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Reloads;
using ActorLb.Node.Storage;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Cluster.Clocks;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminApiTests
{
    private static readonly DateTimeOffset At = FakeDesk.Now;

    [Fact]
    public async Task Status_is_answered_where_figures_are_not_with_what_the_last_look_found_wrong()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        node.Publish(_ => new BackendCondition(BackendHealth.Down, At, OperatorState.Ready, null, false, 1));
        string[] before = await TroublesAsync();
        Assert.Contains("nobody:web", before);
        node.Figures.OnNow = () => throw new TimeoutException();
        Assert.Equal(before, await TroublesAsync());

        async Task<string[]> TroublesAsync() =>
            [.. JsonNode.Parse(await client.GetStringAsync("/api/v1/status"))!["troubles"]!.AsArray().Select(t => (string)t!["key"]!)];
    }

    [Fact]
    public async Task Status_has_exactly_the_documented_shape()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Members = [new NodeMember("node-1", "akka.tcp://actorlb@127.0.0.1:8110", "up", true)];
        node.View.Verdicts = [new Verdict(new BackendName("web", "b"), "node-1", false, "503", At)];
        node.Publish(id => new BackendCondition(
            id == "a" ? BackendHealth.Up : BackendHealth.Down, At, id == "a" ? OperatorState.Draining : OperatorState.Ready, id == "a" ? At : null, id == "a", 1));

        // Nobody is up who would take over, so that its drain is not over.
        node.View.Elsewhere = (3, 2);
        BackendTraffic traffic = node.Plane.Traffic[new BackendName("web", "a")];
        traffic.Began();
        traffic.Began();
        traffic.Gate.TryEnter(0);
        traffic.TunnelBegan();
        traffic.Failed();
        traffic.AnsweredBadly();
        traffic.AnsweredBadly();
        traffic.OpenCircuit(new OpenedCircuit(At, CircuitReason.ConnectsTimedOut, Ejects: true));
        uint now = (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        node.Plane.Tables["web"].Note(new Binding(new SessionId(1, 2), BackendKey.Of("a"), 1, now));
        using HttpClient client = node.Client();

        string json = await client.GetStringAsync("/api/v1/status");

        string expected = """
            {"node":"node-1","version":"VERSION",
            "members":[{"address":"akka.tcp://actorlb@127.0.0.1:8110","name":"node-1","status":"up","reachable":true,"counted":true,"clockAheadSeconds":0,"clockIsWrong":false,"configuration":"00000001","configurationDiffers":false}],
            "pools":[{"name":"web","backends":[
            {"id":"a","address":"http://127.0.0.1:9001","weight":1,"state":"up","operator":"draining","since":"2027-01-15T08:00:00+00:00","drainDeadline":"2027-01-15T08:00:00+00:00","drainOver":false,
            "inFlight":4,"tunnels":3,"requests":2,"failures":3,"sessions":1,"verdicts":[],"sessionsToMove":0,"failuresAnswered":2,"overlay":null,"decided":null,
            "backup":false,"takesNewSessions":false,"slowStart":null,"queue":{"requests":0,"since":null,"refused":0,"timedOut":0},"circuit":{"since":"2027-01-15T08:00:00+00:00","why":"connects timed out","ejects":true,"until":null}},
            {"id":"b","address":"http://127.0.0.1:9002","weight":2,"state":"down","operator":"ready","since":"2027-01-15T08:00:00+00:00","drainDeadline":null,"drainOver":false,
            "inFlight":0,"tunnels":0,"requests":0,"failures":0,"sessions":0,
            "verdicts":[{"node":"node-1","healthy":false,"detail":"503","at":"2027-01-15T08:00:00+00:00"}],"sessionsToMove":0,"failuresAnswered":0,"overlay":null,"decided":null,
            "backup":false,"takesNewSessions":false,"slowStart":null,"queue":{"requests":0,"since":null,"refused":0,"timedOut":0},"circuit":null}],
            "balance":"round-robin","backupsSince":null,"retries":{"budgetPercent":100,"retries":0,"refused":0,"spentSince":null}}],
            "sessions":{"count":1},
            "storage":{"state":"ok","detail":null,"since":"2027-01-15T08:00:00+00:00","bytes":4096,"unwrittenSeconds":0},
            "cluster":"actorlb",
            "configuration":{"fingerprint":"00000001","loadedAt":"2027-01-15T08:00:00+00:00","outcome":null,"at":null,"mistakes":[],"needStart":[]},"certificates":[],"lost":[],"revision":null}
            """.Replace("VERSION", ProductVersion.Text, StringComparison.Ordinal);
        Assert.Equal(Canonical(expected), Canonical(json));

        // One derivation, and one memory of since when.
        using var live = new StreamReader(await client.GetStreamAsync("/api/v1/live"));
        JsonNode told = JsonNode.Parse((await live.ReadLineAsync())!["data: ".Length..])!;
        JsonArray troubles = JsonNode.Parse(json)!["troubles"]!.AsArray();
        Assert.Equal(["nobody:web", "down:web/b", "drain:web/a"], troubles.Select(t => (string?)t!["key"]));
        Assert.Equal(Said(told["troubles"]!.AsArray()), Said(troubles));

        DateTimeOffset time = JsonNode.Parse(json)!["time"]!.GetValue<DateTimeOffset>();
        Assert.InRange(time, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));

        static string[] Said(JsonArray troubles) => [.. troubles.Select(t => $"{t!["key"]} {t["severity"]} {t["since"]} {t["title"]} {t["why"]} {t["done"]}")];

        static string Canonical(string text)
        {
            JsonObject document = JsonNode.Parse(text)!.AsObject();
            document.Remove("time");
            document.Remove("troubles");
            return document.ToJsonString();
        }
    }

    [Fact]
    public async Task Since_when_a_backend_is_up_or_down_is_what_all_nodes_say_where_one_knows_that()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Since = (backend, health) => backend.Id == "a" && health == node.Plane.Routing.Pools["web"].Backends[0].Health ? At : null;
        using HttpClient client = node.Client();

        JsonNode status = JsonNode.Parse(await client.GetStringAsync("/api/v1/status"))!;

        DateTimeOffset[] since = [.. status["pools"]![0]!["backends"]!.AsArray().Select(b => b!["since"]!.GetValue<DateTimeOffset>())];
        Assert.Equal([At, node.Plane.Routing.Pools["web"].Backends[1].Since], since);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(6)]
    public async Task Times_in_status_are_those_that_the_nodes_agree_on_where_the_nodes_clock_is_wrong_and_when_it_is_set(int hoursAhead)
    {
        // It is wrong from the start, as two others say, and is set by somebody after it all happened: that is no other time.
        TimeSpan step = TimeSpan.FromHours(3);
        var time = new OffsetTime(step);
        await using AdminFixture node = await AdminFixture.StartAsync(time: time);
        SessionClock clock = node.Plane.Clock;
        long right = clock.Wall - (long)step.TotalMilliseconds;
        clock.Look(s => s.Heard("node-2", right, clock.Monotonic, clock.Monotonic).Heard("node-3", right, clock.Monotonic, clock.Monotonic));
        node.View.Storage = new StorageStatus(StorageState.Failing, "full", At + step, 1, TimeSpan.Zero);
        node.View.CertificateProblems = [new CertificateProblem("listeners.https.tls", "expired", At + step)];
        node.View.Reloads = new ReloadStatus(At + step) { Last = new ReloadReport("node-1", ReloadOutcome.Refused, At + step, 1, 1) { Mistakes = [new ReloadMistake("lb.conf", 1, 1, "pools", "no backends")] } };
        node.Plane.Traffic[new BackendName("web", "a")].OpenCircuit(new OpenedCircuit(At + step, CircuitReason.ConnectsFailed, Ejects: true));
        time.Ahead = TimeSpan.FromHours(hoursAhead);
        using HttpClient client = node.Client();

        JsonNode status = JsonNode.Parse(await client.GetStringAsync("/api/v1/status"))!;
        string metrics = await client.GetStringAsync("/metrics");
        NodeStanding told = NodeStandings.Of(node.Plane, node.View);

        DateTimeOffset[] times =
        [
            status["storage"]!["since"]!.GetValue<DateTimeOffset>(),
            status["certificates"]![0]!["since"]!.GetValue<DateTimeOffset>(),
            status["configuration"]!["loadedAt"]!.GetValue<DateTimeOffset>(),
            status["configuration"]!["at"]!.GetValue<DateTimeOffset>(),
            status["pools"]![0]!["backends"]![0]!["circuit"]!["since"]!.GetValue<DateTimeOffset>(),
            Metric("actorlb_config_last_reload_timestamp_seconds "),
            Metric("actorlb_backend_circuit_opened_seconds{pool=\"web\",backend=\"a\"} "),
            told.Storage!.Since,
            told.FilesAt,
            told.Certificates[0].Since,
            node.View.Reloads.Last!.ByAgreedTime(clock).At,
        ];
        Assert.All(times, t => Assert.Equal(At, t, TimeSpan.FromSeconds(1)));

        // What the data plane itself noted: all backends are as they were at the start.
        TimeSpan[] ages = [.. status["pools"]![0]!["backends"]!.AsArray().Select(b => status["time"]!.GetValue<DateTimeOffset>() - b!["since"]!.GetValue<DateTimeOffset>())];
        Assert.All(ages, a => Assert.InRange(a, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5)));

        DateTimeOffset Metric(string name) => DateTimeOffset.UnixEpoch
            + TimeSpan.FromSeconds(double.Parse(metrics.Split('\n').Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_decision_by_which_a_node_may_not_go_yet_is_accepted_and_names_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Desk.NotInForce = ["node-2"];
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsync("/api/v1/pools/web/backends/a/maintenance", null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        DecisionDocument? decision = await response.Content.ReadFromJsonAsync<DecisionDocument>();
        Assert.True(decision!.Confirmed);
        Assert.Equal(["node-2"], decision.NotInForce!);
    }

    [Theory]
    [InlineData("drain", OperatorState.Draining, "draining")]
    [InlineData("ready", OperatorState.Ready, "ready")]
    [InlineData("maintenance", OperatorState.Maintenance, "maintenance")]
    public async Task A_decision_reaches_the_desk_and_is_confirmed(string verb, OperatorState state, string word)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsync($"/api/v1/pools/web/backends/a/{verb}", null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new SetBackendState(new BackendName("web", "a"), state, null), Assert.Single(node.Desk.Taken));
        DecisionDocument? decision = await response.Content.ReadFromJsonAsync<DecisionDocument>();
        Assert.Equal(new DecisionDocument("web", "a", word, null, 1, "node-1", true), decision! with { NotOnDisk = null, NotInForce = null });
        Assert.Equal([], decision!.NotOnDisk!);
        Assert.Equal([], decision.NotInForce!);
    }

    [Fact]
    public async Task A_drain_takes_a_deadline()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsJsonAsync("/api/v1/pools/web/backends/a/drain", new { deadline = "5m" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(node.Desk.Taken).DrainFor);
        Assert.Equal(At.AddMinutes(5), (await response.Content.ReadFromJsonAsync<DecisionDocument>())!.Deadline);
    }

    [Fact]
    public async Task Without_a_majority_the_answer_is_202_and_says_so()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Desk.ByMajority = false;
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsync("/api/v1/pools/web/backends/a/drain", null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.False((await response.Content.ReadFromJsonAsync<DecisionDocument>())!.Confirmed);
    }

    [Theory]
    [InlineData("127.0.0.1:9001")]
    [InlineData("[::1]:9001")]
    [InlineData("a/b")]
    [InlineData("100%2F")]
    [InlineData("ä ö?#")]
    public async Task Backend_ids_may_hold_any_character(string id)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(backendIds: id);
        using HttpClient client = node.Client();

        HttpResponseMessage response = await client.PostAsync($"/api/v1/pools/web/backends/{Uri.EscapeDataString(id)}/ready", null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(id, Assert.Single(node.Desk.Taken).Backend.Id);
    }

    [Fact]
    public async Task A_colon_needs_no_escaping()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(backendIds: "127.0.0.1:9001");
        string answer = await Raw(node, "POST /api/v1/pools/web/backends/127.0.0.1:9001/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/pools/nowhere/backends/a/drain", "", null, 404, "unknown-pool", "nowhere")]
    [InlineData("/api/v1/pools/web/backends/z/drain", "", null, 404, "unknown-backend", "there are a, b.")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadline\":\"soon\"}", "application/json", 400, "bad-deadline", "soon")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadline\":\"0s\"}", "application/json", 400, "bad-deadline", "0s")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadline\":300}", "application/json", 400, "bad-request", "$.deadline")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadlin\":\"5m\"}", "application/json", 400, "bad-request", "deadlin")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadline\":\"5m\",\"deadline\":\"6m\"}", "application/json", 400, "bad-request", "")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"deadline\":", "application/json", 400, "bad-request", "")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "null", "application/json", 400, "bad-request", "null")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"rate\":200}", "application/json", 400, "bad-request", "goes with")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":false,\"rate\":200}", "application/json", 400, "bad-request", "goes with")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":true,\"rate\":0}", "application/json", 400, "bad-rate", "1 to 1000000")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":true,\"rate\":-1}", "application/json", 400, "bad-rate", "-1")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":true,\"rate\":1000001}", "application/json", 400, "bad-rate", "1000001")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":true,\"rate\":1.5}", "application/json", 400, "bad-request", "$.rate")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":true,\"rate\":\"200\"}", "application/json", 400, "bad-request", "$.rate")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "{\"move\":\"yes\"}", "application/json", 400, "bad-request", "$.move")]
    [InlineData("/api/v1/pools/web/backends/a/ready", "{\"move\":true}", "application/json", 400, "bad-request", "Only drain")]
    [InlineData("/api/v1/pools/web/backends/a/maintenance", "{\"move\":true,\"rate\":1}", "application/json", 400, "bad-request", "Only drain")]
    [InlineData("/api/v1/pools/web/backends/a/ready", "{\"deadline\":\"5m\"}", "application/json", 400, "bad-request", "Only drain")]
    [InlineData("/api/v1/pools/web/backends/a/drain", "deadline=5m", "application/x-www-form-urlencoded", 415, "not-json", "application/json")]
    [InlineData("/api/v1/nothing", "", null, 404, null, null)]
    [InlineData("/api/v1/status", "", null, 405, null, null)]
    public async Task Mistakes_are_problem_details_and_change_nothing(
        string path, string body, string? type, int status, string? problem, string? detail)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = type is null ? null : new(type);

        HttpResponseMessage response = await client.PostAsync(path, content);

        JsonElement json = await Problem(response, status);
        Assert.Equal(problem is null ? "about:blank" : $"urn:actorlb:problem:{problem}", json.GetProperty("type").GetString());
        Assert.NotEmpty(json.GetProperty("title").GetString()!);
        if (detail is not null)
        {
            Assert.Contains(detail, json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Empty(node.Desk.Taken);
    }

    [Theory]
    [InlineData(4096, HttpStatusCode.OK)]
    [InlineData(4097, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_has_4096_bytes_at_most(int length, HttpStatusCode status)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var content = new StringContent("{}".PadRight(length), Encoding.UTF8, "application/json");

        HttpResponseMessage response = await client.PostAsync("/api/v1/pools/web/backends/a/drain", content);

        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.OK)
        {
            await Problem(response, (int)status);
        }
    }

    [Fact]
    public async Task A_control_plane_that_does_not_answer_is_504_and_one_that_cannot_is_503()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();

        node.Desk.Failure = new TimeoutException();
        await Problem(await client.PostAsync("/api/v1/pools/web/backends/a/drain", null), 504);

        node.Desk.Failure = new InvalidOperationException("the actor system restarts");
        HttpResponseMessage response = await client.PostAsync("/api/v1/pools/web/backends/a/drain", null);
        Assert.NotNull(response.Headers.RetryAfter);
        JsonElement problem = await Problem(response, 503);
        Assert.DoesNotContain("actor system", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodePhase.Starting, 503)]
    [InlineData(NodePhase.Ready, 200)]
    [InlineData(NodePhase.Stopping, 503)]
    public async Task A_node_is_ready_between_its_start_and_its_stop_and_alive_throughout(NodePhase phase, int ready)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret");
        node.View.Phase = phase;
        using HttpClient client = node.Client();

        Assert.Equal(ready, (int)(await client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez")).StatusCode);

        node.View.IsAlive = false;
        await Problem(await client.GetAsync("/livez"), 503);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong", 401)]
    [InlineData("Bearer secre", 401)]
    [InlineData("Bearer secrets", 401)]
    [InlineData("Basic secret", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("secret", 401)]
    [InlineData("Bearer secret", 200)]
    [InlineData("bearer secret", 200)]
    public async Task A_token_that_is_set_is_needed(string? authorization, int status)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret");
        using HttpClient client = node.Client();
        foreach (string path in new[] { "/api/v1/status", "/metrics", "/nothing" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal(status == 200 && path == "/nothing" ? 404 : status, (int)response.StatusCode);
            if (status == 401)
            {
                Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
                await Problem(response, 401);
            }
        }
    }

    [Theory]
    [InlineData("localhost", null, 200)]
    [InlineData("LOCALHOST:8090", null, 200)]
    [InlineData("127.0.0.1:8090", null, 200)]
    [InlineData("127.8.9.10", null, 200)]
    [InlineData("[::1]:8090", null, 200)]
    [InlineData("rebound.example", null, 403)]
    [InlineData("localhost.example:8090", null, 403)]
    [InlineData("192.0.2.1:8090", null, 403)]
    [InlineData("127.0.0.1:8090", "http://127.0.0.1:8090", 200)]
    [InlineData("localhost", "http://localhost", 200)]
    [InlineData("127.0.0.1:8090", "http://127.0.0.1:9999", 403)]
    [InlineData("127.0.0.1:8090", "https://127.0.0.1:8090", 403)]
    [InlineData("127.0.0.1:8090", "http://evil.example", 403)]
    [InlineData("127.0.0.1:8090", "null", 403)]
    public async Task Without_a_token_pages_of_other_sites_are_kept_out(string host, string? origin, int status)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        string extra = origin is null ? "" : $"Origin: {origin}\r\n";
        string answer = await Raw(
            node,
            $"POST /api/v1/pools/web/backends/a/maintenance HTTP/1.1\r\nHost: {host}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 1 : 0, node.Desk.Taken.Count);
    }

    [Fact]
    public async Task With_a_token_the_host_does_not_matter()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret");
        string answer = await Raw(
            node,
            "GET /api/v1/status HTTP/1.1\r\nHost: lb.example\r\nAuthorization: Bearer secret\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> Problem(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, json.GetProperty("status").GetInt32());
        return json;
    }

    private static async Task<string> Raw(AdminFixture node, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Server.Endpoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
