using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminRolesTests
{
    private const string Look = "a-token-that-may-look";
    private const string Operate = "a-token-that-may-operate";

    private static readonly ImmutableArray<AdminToken> Tokens =
    [
        new("grafana", TokenDigest.Of(Look), AdminRole.Read), new("ci", TokenDigest.Of(Operate), AdminRole.Operate),
    ];

    public static TheoryData<string, string> Routes
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (AdminRoute route in AdminRoutes.All)
            {
                all.Add(route.Method, route.Pattern);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Each_route_takes_its_role_and_no_less(string method, string pattern)
    {
        AdminRoute route = AdminRoutes.All.Single(r => r.Method == method && r.Pattern == pattern);
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = node.Client();

        await Expect(null, route.Role is null ? null : HttpStatusCode.Unauthorized);
        await Expect("guess", route.Role is null ? null : HttpStatusCode.Unauthorized);
        await Expect(Look, route.Role is AdminRole.Operate ? HttpStatusCode.Forbidden : null);
        await Expect(Operate, null);

        async Task Expect(string? token, HttpStatusCode? refusal)
        {
            using HttpResponseMessage answer = await AskAsync(client, route, token);
            string text = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync();
            if (refusal is { } status)
            {
                Assert.Equal(status, answer.StatusCode);
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
                Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
                JsonElement problem = JsonDocument.Parse(text).RootElement;
                if (status == HttpStatusCode.Forbidden)
                {
                    Assert.Equal("urn:actorlb:problem:role-missing", problem.GetProperty("type").GetString());
                    Assert.Equal("operate", problem.GetProperty("missingRole").GetString());
                    Assert.Contains("\"grafana\"", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
                }
            }
            else
            {
                Assert.DoesNotContain((int)answer.StatusCode, (int[])[401, 403, 405, 429, 500]);
            }
        }
    }

    [Fact]
    public async Task What_is_answered_and_what_has_a_role_is_the_same()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        AdminRoute?[] answered = [.. node.Server.Endpoints.Select(e => e.Metadata.GetMetadata<AdminRoute>())];
        Assert.All(node.Server.Endpoints.Zip(answered), e => Assert.True(e.Second is not null, $"{e.First.DisplayName} states no role"));
        Assert.Equal(AdminRoutes.All.Select(r => r.ToString()).Order(), answered.Select(r => r!.ToString()).Order());
    }

    [Fact]
    public void Whoever_changes_something_operates_and_is_written_down() =>
        Assert.All(AdminRoutes.All, r => Assert.Equal(r.Method != "GET", r is { Action: not null, Role: AdminRole.Operate } or { Action: not null, Role: AdminRole.Read, IsOfOwnSession: true }));

    [Fact]
    public void Whoever_may_look_may_come_and_go_and_change_nothing_else() =>
        Assert.Equal(["log-in", "log-out"], AdminRoutes.All.Where(r => r is { Action: not null, Role: not AdminRole.Operate }).Select(r => r.Action));

    [Fact]
    public async Task Whatever_can_be_got_answers_HEAD_as_GET_and_without_a_body()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = node.Client();
        foreach (string path in AdminRoutes.All.Where(r => r.Method == "GET" && r != AdminRoutes.Follow && !r.Pattern.Contains('{', StringComparison.Ordinal)).Select(r => r.Pattern))
        {
            foreach (string? token in (string?[])[null, Operate])
            {
                using HttpResponseMessage got = await AskAsync(client, new AdminRoute("GET", path, null), token);
                using HttpResponseMessage head = await AskAsync(client, new AdminRoute("HEAD", path, null), token);
                Assert.Equal((path, got.StatusCode, got.Content.Headers.ContentType), (path, head.StatusCode, head.Content.Headers.ContentType));
                Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            }
        }
    }

    [Fact]
    public void What_states_no_role_is_for_nobody()
    {
        var guard = new AdminGuard(new AdminTokens(new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)) { Tokens = Tokens }), new TokenGuesses(TimeProvider.System), Sessions());
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {Operate}";
        context.SetEndpoint(new RouteEndpointBuilder(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/forgotten"), 0).Build());

        AdminVerdict verdict = guard.Judge(context);
        Assert.Equal("ci", verdict.Caller?.Name);
        Assert.Equal(StatusCodes.Status403Forbidden, verdict.Refusal?.Status);
    }

    [Theory]
    [InlineData("GET", "/nothing")]
    [InlineData("PATCH", "/api/v1/status")]
    [InlineData("OPTIONS", "/api/v1/status")]
    [InlineData("HEAD", "/api/v1/reload")]
    public async Task What_there_is_not_is_told_to_those_alone_who_have_a_token(string method, string path)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(Tokens);
        using HttpClient client = node.Client();
        foreach ((string? token, bool isKnown) in ((string?, bool)[])[(null, false), (Look, true)])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using HttpResponseMessage answer = await client.SendAsync(request);
            Assert.Equal(!isKnown ? 401 : path == "/nothing" ? 404 : 405, (int)answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }
    }

    private static DashboardSessions Sessions() => new(
        AdminFixture.Settings("node-1", new IPEndPoint(IPAddress.Loopback, 0), null, "a").Cluster, new AdminTokens(new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0))), () => DateTimeOffset.UnixEpoch);

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, AdminRoute route, string? token)
    {
        string path = route.Pattern.Replace("{pool}", "web", StringComparison.Ordinal).Replace("{id}", "a", StringComparison.Ordinal).Replace("{n}", "7", StringComparison.Ordinal).Replace("{session}", new string('7', 32), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
