using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Admin;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminQueryTests : IDisposable
{
    private const string Trial = "dry-run";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorlb-query-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "audit.log");

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

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task What_a_route_does_not_know_is_refused_before_anything_is_done(string method, string pattern)
    {
        AdminRoute route = Find(method, pattern);
        string[] unknown = [.. new[] { Trial, "dryrun", "DRY-RUN", "pools", "release", "", new string('x', 2000) }.Where(w => !route.Query.Knows(w))];
        await using (AdminFixture node = AdminFixture.Make([], Path))
        {
            await node.Server.StartAsync(CancellationToken.None);
            foreach (string word in unknown)
            {
                (HttpStatusCode status, string text) = await AskAsync(node, route, $"?{word}=");
                if (route.Role is null)
                {
                    Assert.Equal(HttpStatusCode.OK, status);
                    continue;
                }

                Assert.Equal(HttpStatusCode.BadRequest, status);
                JsonElement problem = JsonDocument.Parse(text).RootElement;
                Assert.Equal("urn:actorlb:problem:bad-request", problem.GetProperty("type").GetString());
                string detail = problem.GetProperty("detail").GetString()!;
                Assert.StartsWith($"There is no \"{word[..Math.Min(word.Length, 40)]}", detail, StringComparison.Ordinal);
                Assert.All(route.Query.Flags.Concat(route.Query.Values), k => Assert.Contains($"?{k}", detail, StringComparison.Ordinal));
            }

            Assert.Empty(node.Desk.Taken);
            Assert.Empty(node.Backends.Taken);
            Assert.Empty(node.Keys.Taken);
            Assert.Empty(node.Sessions.Taken);
            Assert.Empty(node.Revisions.Given);
        }

        string[] outcomes = [.. (await File.ReadAllLinesAsync(Path)).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("outcome").GetString()!)];
        Assert.Equal(route.Action is null ? [] : unknown.Select(_ => "refused"), outcomes);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task What_a_route_knows_is_said_once_and_a_flag_without_a_value(string method, string pattern)
    {
        AdminRoute route = Find(method, pattern);
        await using AdminFixture node = await AdminFixture.StartAsync();
        foreach (string known in route.Query.Flags.Concat(route.Query.Values))
        {
            Assert.DoesNotContain("There is no \\u0022", (await AskAsync(node, route, $"?{known}")).Text, StringComparison.Ordinal);
            if (known != AdminQuery.Header)
            {
                (HttpStatusCode status, string text) = await AskAsync(node, route, $"?{known}=&{known}=");
                Assert.Equal(HttpStatusCode.BadRequest, status);
                Assert.Contains("is said 2 times", text, StringComparison.Ordinal);
            }

            if (route.Query.Flags.Contains(known))
            {
                (HttpStatusCode status, string text) = await AskAsync(node, route, $"?{known}=false");
                Assert.Equal(HttpStatusCode.BadRequest, status);
                Assert.Contains("has no value", text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task What_was_tried_is_what_changed_nothing(string method, string pattern)
    {
        AdminRoute route = Find(method, pattern);
        if (!route.Query.Knows(Trial))
        {
            return;
        }

        string body = route == AdminRoutes.Apply ? "actorlb {}" : "";
        await using (AdminFixture node = AdminFixture.Make([], Path))
        {
            await node.Server.StartAsync(CancellationToken.None);
            await AskAsync(node, route, $"?{Trial}", body);
            await AskAsync(node, route, "", body);
        }

        string[] outcomes = [.. (await File.ReadAllLinesAsync(Path)).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("outcome").GetString()!)];
        Assert.Equal(route == AdminRoutes.RollBack ? ["refused", "refused"] : ["tried", "done"], outcomes);
    }

    private static AdminRoute Find(string method, string pattern) => AdminRoutes.All.Single(r => r.Method == method && r.Pattern == pattern);

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(AdminFixture node, AdminRoute route, string query, string body = "")
    {
        string path = route.Pattern.Replace("{**file}", "app.js", StringComparison.Ordinal).Replace("{pool}", "web", StringComparison.Ordinal).Replace("{id}", "a", StringComparison.Ordinal).Replace("{n}", "7", StringComparison.Ordinal).Replace("{session}", new string('7', 32), StringComparison.Ordinal);
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), path + query);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
