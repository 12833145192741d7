using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLb.Engine.Routing;
using ActorLb.Node.Admin;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AuditLogTests : IDisposable
{
    private const string Operate = "a-token-that-may-operate";
    private const string Look = "a-token-that-may-look";

    private static readonly ImmutableArray<AdminToken> Tokens =
    [
        new("grafana", TokenDigest.Of(Look), AdminRole.Read), new("ci", TokenDigest.Of(Operate), AdminRole.Operate),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorlb-audit-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "audit.log");

    public static TheoryData<string, string> Changes
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (AdminRoute route in AdminRoutes.All.Where(r => r.Action is not null))
            {
                all.Add(route.Method, route.Pattern);
            }

            return all;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Each_change_is_one_line_with_who_from_where_and_what_came_of_it(string method, string pattern)
    {
        AdminRoute route = AdminRoutes.All.Single(r => r.Method == method && r.Pattern == pattern);
        string path = pattern.Replace("{pool}", "web", StringComparison.Ordinal).Replace("{id}", "a", StringComparison.Ordinal).Replace("{n}", "7", StringComparison.Ordinal);
        string? id = null;
        HttpStatusCode status = 0;
        JsonElement line = Assert.Single(await LinesAsync(async node =>
        {
            using HttpResponseMessage answer = await AskAsync(node, method, path, Operate);
            (id, status) = (answer.Headers.GetValues("X-Request-Id").Single(), answer.StatusCode);
        }));
        Assert.Equal(("node-1", "ci", "operate", "127.0.0.1", route.Action), (Text(line, "node"), Text(line, "who"), Text(line, "role"), Text(line, "from"), Text(line, "action")));
        Assert.Equal((id, (int)status), (Text(line, "request"), line.GetProperty("status").GetInt32()));
        Assert.Equal((int)status < 300 ? "done" : "refused", Text(line, "outcome"));
        Assert.Equal((int)status >= 300, line.TryGetProperty("problem", out _));
    }

    [Fact]
    public async Task A_drain_says_how_the_backend_stood_before_and_after()
    {
        JsonElement line = Assert.Single(await LinesAsync(async node =>
        {
            node.Publish(_ => new BackendCondition(BackendHealth.Up, FakeDesk.Now, OperatorState.Ready, null, false, 1));
            node.Desk.OnTaken = () => node.Publish(_ => new BackendCondition(BackendHealth.Up, FakeDesk.Now, OperatorState.Draining, FakeDesk.Now.AddMinutes(5), false, 1));
            await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Operate, """{"deadline":"5m"}""");
        }));
        Assert.Equal(("drain", "web/a", "done"), (Text(line, "action"), Text(line, "target"), Text(line, "outcome")));
        Assert.Equal("""{"deadline":"5m"}""", line.GetProperty("what").GetRawText());
        Assert.Equal(("ready", "draining"), (Text(line.GetProperty("before"), "operator"), Text(line.GetProperty("after"), "operator")));
        Assert.Equal("2027-01-15T08:05:00+00:00", Text(line.GetProperty("after"), "deadline"));
    }

    [Fact]
    public async Task What_is_not_confirmed_what_is_not_known_and_what_fails_say_so()
    {
        JsonElement[] lines = await LinesAsync(async node =>
        {
            node.Desk.ByMajority = false;
            await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Operate);
            node.Desk.Failure = new TimeoutException();
            await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Operate);
            node.Desk.Failure = new InvalidOperationException();
            await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Operate);
            await AskAsync(node, "POST", "/api/v1/pools/none/backends/a/drain", Operate);
            await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Operate, new string('x', 5000));
            await AskAsync(node, "POST", "/api/v1/topology?dry-run", Operate, "actorlb {}");
        });
        Assert.Equal(
            [("unconfirmed", 202, null), ("unknown", 504, "no-answer"), ("failed", 503, "unavailable"), ("refused", 404, "unknown-pool"), ("refused", 413, null), ("tried", 200, null)],
            lines.Select(l => (Text(l, "outcome"), l.GetProperty("status").GetInt32(), l.TryGetProperty("problem", out JsonElement p) ? p.GetString() : null)));
    }

    [Fact]
    public async Task A_topology_is_told_by_its_changes_and_never_by_its_text()
    {
        const string Secret = "pa55word-in-a-topology";
        string text = "";
        JsonElement line = Assert.Single(await LinesAsync(async node =>
        {
            node.Revisions.Outcome = node.Revisions.Outcome with { Changes = [new SettingDifference("pools.web.tls.client-password", "(secret)", "(another secret)")] };
            await AskAsync(node, "POST", $"/api/v1/topology?{Secret}=1&token={Secret}", Operate, $"pools.web.tls.client-password = {Secret}");
            await AskAsync(node, "POST", "/api/v1/topology", Operate, $"pools.web.tls.client-password = {Secret}");
            Assert.Equal("ci (127.0.0.1)", Assert.Single(node.Revisions.Given).Who);
        }, all => text = all), l => Text(l, "outcome") == "done");
        Assert.Equal("pools.web.tls.client-password", Text(line.GetProperty("changes")[0], "key"));
        Assert.Equal(48 + 6, line.GetProperty("what").GetProperty("bytes").GetInt32());
        Assert.DoesNotContain($"= {Secret}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Operate, text, StringComparison.Ordinal);
        Assert.Contains("(not shown)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_told_at_once_and_then_together()
    {
        JsonElement[] lines = await LinesAsync(async node =>
        {
            for (int i = 0; i < 5; i++)
            {
                await AskAsync(node, "POST", "/api/v1/pools/web/backends/a/drain", Look);
                await AskAsync(node, "GET", "/api/v1/status", "guess");
                await AskAsync(node, "POST", "/api/v1/pools/web/backends/b/ready", "guess");
                await AskAsync(node, "GET", $"/nothing-{i}", null);
                await AskAsync(node, $"METHOD{i}", "/nothing", null);
            }
        });
        Assert.Equal(
            [
                ("drain", "grafana", "forbidden", "role-missing"),
                ("GET /api/v1/status", null, "unauthorized", "wrong-token"),
                ("ready", null, "unauthorized", "wrong-token"),
                ("(unknown)", null, "unauthorized", "no-token"),
            ],
            lines.Select(l => (Text(l, "action"), l.TryGetProperty("who", out JsonElement who) ? who.GetString() : null, Text(l, "outcome"), Text(l, "problem"))));
        Assert.Equal("web/a", Text(lines[0], "target"));
        Assert.Equal("web/b", Text(lines[2], "target"));
    }

    [Fact]
    public async Task What_was_refused_about_a_session_names_it()
    {
        string id = new('7', 32);
        JsonElement[] lines = await LinesAsync(async node =>
        {
            await AskAsync(node, "DELETE", $"/api/v1/sessions/{id}?pool=none", Operate);
            await AskAsync(node, "POST", $"/api/v1/sessions/{id}/move", Operate);
            node.Sessions.Found = find => new([new("node-1", find.Id, [new("web", new Binding(find.Id, BackendKey.Of("a"), 1, node.Plane.Clock.Now), IsReplicated: true)])], [], []);
            await AskAsync(node, "POST", $"/api/v1/sessions/{id}/move", Operate, """{"to":"none"}""");
            await AskAsync(node, "POST", $"/api/v1/sessions/{id}/move?pool=web", Operate, "{");
        });
        Assert.Equal(
            [("end-session", $"none/{id}", "unknown-pool"), ("move-session", id, "unknown-session"), ("move-session", $"web/{id}", "unknown-backend"), ("move-session", $"web/{id}", "bad-request")],
            lines.Select(l => (Text(l, "action"), Text(l, "target"), Text(l, "problem"))));
    }

    [Fact]
    public async Task A_cookie_that_names_a_session_is_in_no_line()
    {
        string cookie = new('A', 68);
        string text = "";
        await LinesAsync(async node =>
        {
            await AskAsync(node, "DELETE", $"/api/v1/sessions/{cookie}", Look);
            await AskAsync(node, "POST", $"/api/v1/sessions/{cookie}/move", "guess");
            await AskAsync(node, "POST", $"/api/v1/sessions/{cookie}/move?pool=web", Operate);
        }, all => text = all);
        Assert.Contains("end-session", text, StringComparison.Ordinal);
        Assert.Contains("\"pool\":\"web\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain(cookie, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_never_longer_than_a_line_may_be_and_changes_are_left_out_first()
    {
        var line = new AuditLine(FakeDesk.Now, "node-1", "id", "ci", "operate", "::1", null, "apply", null, "done", 200, 1)
        {
            Changes = [.. Enumerable.Range(0, 1000).Select(i => new ReloadDocument.Difference($"pools.web.backends.b{i}.weight", "1", "2"))],
            What = new() { ["bytes"] = 7 },
        };
        byte[] written = line.Write();
        Assert.InRange(written.Length, 1000, 8192);
        JsonElement read = JsonDocument.Parse(written).RootElement;
        Assert.Equal(1000, read.GetProperty("changes").GetArrayLength() + read.GetProperty("more").GetInt32());
        Assert.Equal(7, read.GetProperty("what").GetProperty("bytes").GetInt32());

        written = (line with { Target = new string('\u0001', 300), What = new() { ["deadline"] = new string('\u0001', 4000), ["now"] = "true", ["rate"] = 7 } }).Write();
        Assert.InRange(written.Length, 1000, 8192);
        read = JsonDocument.Parse(written).RootElement;
        Assert.Equal(("ci", "true", 7), (Text(read, "who"), Text(read.GetProperty("what"), "now"), read.GetProperty("what").GetProperty("rate").GetInt32()));
        Assert.StartsWith("\u0001\u0001", Text(read.GetProperty("what"), "deadline"), StringComparison.Ordinal);
        Assert.StartsWith("\u0001\u0001", Text(read, "target"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_were_read_by_a_signal_are_told_as_well()
    {
        JsonElement line = Assert.Single(await LinesAsync(node =>
        {
            node.Server.Audit.Reloaded(ReloadCause.Request, node.Reloads.Reports[0]);
            node.Server.Audit.Reloaded(ReloadCause.Signal, node.Reloads.Reports[0] with { Changes = [new SettingDifference("limits.idle-timeout", "1s", "2s")] });
            return Task.CompletedTask;
        }));
        Assert.Equal(("reload", "signal", "done"), (Text(line, "action"), Text(line, "from"), Text(line, "outcome")));
        Assert.Equal("2s", Text(line.GetProperty("changes")[0], "new"));
    }

    [Fact]
    public async Task Each_certificate_that_is_refused_is_told_with_why_however_alike_they_are()
    {
        JsonElement[] lines = await LinesAsync(node =>
        {
            for (int i = 0; i < RefusalReasons.Max; i++)
            {
                node.Server.Audit.RefusedCertificate(IPAddress.Loopback, $"client-{i}: it has a wrong signature");
            }

            for (int i = 0; i < 5; i++)
            {
                node.Server.Audit.RefusedCertificate(IPAddress.Loopback, "client-0: it has a wrong signature");
                node.Server.Audit.RefusedCertificate(IPAddress.Loopback, $"beyond-{i}: it has a wrong signature");
            }

            node.Server.Audit.RefusedCertificate(IPAddress.Parse("127.0.0.2"), "beyond-5: it has a wrong signature");
            return Task.CompletedTask;
        });
        string[] told = [.. lines.Where(l => l.GetProperty("count").GetInt32() == 1).Select(l => Text(l, "certificate").Split(':')[0])];
        Assert.Equal([.. Enumerable.Range(0, RefusalReasons.Max).Select(i => $"client-{i}"), "beyond-0", "beyond-5"], told);
    }

    [Fact]
    public async Task An_audit_log_that_cannot_be_written_is_told_before_the_start_by_its_key()
    {
        await using AdminFixture node = AdminFixture.Make(Tokens, System.IO.Path.Combine(_folder.FullName, "none", "audit.log"));
        Assert.Contains("(admin.audit-log.path)", Assert.Throws<IOException>(node.Server.Hold).Message, StringComparison.Ordinal);
    }

    private async Task<JsonElement[]> LinesAsync(Func<AdminFixture, Task> act, Action<string>? seen = null)
    {
        await using (AdminFixture node = AdminFixture.Make(Tokens, Path))
        {
            await node.Server.StartAsync(CancellationToken.None);
            await act(node);
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }

        string text = await File.ReadAllTextAsync(Path);
        seen?.Invoke(text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    private static string Text(JsonElement line, string member) => line.GetProperty(member).GetString()!;

    private static async Task<HttpResponseMessage> AskAsync(AdminFixture node, string method, string path, string? token, string? body = null)
    {
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        HttpResponseMessage answer = await client.SendAsync(request);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }
}
