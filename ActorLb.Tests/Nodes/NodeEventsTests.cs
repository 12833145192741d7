using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node, and what it says has happened.</summary>
public sealed class NodeEventsTests : IAsyncLifetime
{
    private const string Token = "a-token-that-may-operate";

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-events-").FullName;
    private readonly List<WebApplication> _backends = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
    private BalancerNode _node = null!;
    private string[] _ids = [];

    public async Task InitializeAsync()
    {
        for (int i = 0; i < 2; i++)
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            WebApplication backend = builder.Build();
            backend.MapGet("/healthz", () => "well");
            backend.MapGet("/", () => "here");
            await backend.StartAsync();
            _backends.Add(backend);
        }

        _ids = [.. _backends.Select(b => new Uri(b.Urls.First()).Authority)];
        string address = LoopbackPorts.OwnAddress();
        int port = LoopbackPorts.Free(address, 1)[0];
        PoolSettings web = TestPools.Pool("web", [.. _backends.Select(b => b.Urls.First())]);
        NodeSettings settings = TestPools.Node(web with { Affinity = web.Affinity with { Keys = [] } }) with
        {
            Name = "lb1",
            Admin = new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)) { Tokens = [new AdminToken("ci", TokenDigest.Of(Token), AdminRole.Operate)] },
            DataDirectory = _directory,
            Cluster = new ClusterSettings(
                address, port, [new HostPort(address, port)],
                TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
        };
        _node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System);
        await _node.StartAsync(default);
        _client.BaseAddress = new Uri($"http://{_node.AdminEndpoint}");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        foreach (WebApplication backend in _backends)
        {
            await backend.DisposeAsync();
        }

        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_backend_that_is_killed_is_an_event_that_says_who_says_so_and_why()
    {
        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events?pool=web");
        await stream.BegunAsync();
        await _backends[0].DisposeAsync();
        JsonElement down = await stream.UntilAsync((kind, _) => kind == "backend.down");
        Assert.Equal(("lb1", "web", _ids[0], "error"), (Of(down, "node"), Of(down, "pool"), Of(down, "backend"), Of(down, "severity")));
        JsonElement vote = down.GetProperty("data").GetProperty("votes").EnumerateArray().Single();
        Assert.Equal(("lb1", false), (Of(vote, "node"), vote.GetProperty("healthy").GetBoolean()));
        Assert.Contains(Of(vote, "detail")!, Of(down, "text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_that_leave_it_are_counted_with_the_event_that_made_them_leave()
    {
        var cookies = new List<string>();
        for (int i = 0; i < 4; i++)
        {
            cookies.Add((await AskAsync(null))!);
        }

        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events?pool=web");
        await stream.BegunAsync();
        await _backends[0].DisposeAsync();
        JsonElement down = await stream.UntilAsync((kind, _) => kind == "backend.down");

        // Who says it and who routes by it hear of it at once, each in its turn.
        await Cluster.Eventually.Holds(
            () => _node.Plane.Routing.Pools["web"].Backends.Single(b => b.Id == _ids[0]).Health == Shared.Backends.BackendHealth.Down, "requests go by it");
        foreach (string cookie in cookies)
        {
            await AskAsync(cookie);
        }

        int moved = 0;
        while (moved < 2)
        {
            JsonElement left = await stream.UntilAsync((kind, _) => kind == "sessions.moved");
            Assert.Equal((_ids[0], Of(down, "id"), "down"), (Of(left, "backend"), Of(left, "cause"), left.GetProperty("data").GetProperty("cause").GetString()));
            moved += left.GetProperty("data").GetProperty("count").GetInt32();
        }

        Assert.Equal(2, moved);
    }

    [Fact]
    public async Task What_operators_decide_is_an_event()
    {
        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events?kind=operator");
        await stream.BegunAsync();
        foreach (string verb in new[] { "drain", "maintenance", "ready" })
        {
            (await _client.PostAsync($"/api/v1/pools/web/backends/{Uri.EscapeDataString(_ids[1])}/{verb}", null)).EnsureSuccessStatusCode();
            JsonElement decided = await stream.UntilAsync((kind, _) => kind == $"operator.{verb}");
            Assert.Equal(("web", _ids[1], "ci (127.0.0.1)"), (Of(decided, "pool"), Of(decided, "backend"), Of(decided, "who")));
        }
    }

    [Theory]
    [InlineData("PUT", "pools/web/backends/{id}/weight", """{"weight":7}""", "operator.weight")]
    [InlineData("POST", "pools/web/backends", """{"address":"http://127.0.0.9:9","id":"other"}""", "operator.added")]
    [InlineData("DELETE", "pools/web/backends/{id}?now", "", "operator.removed")]
    [InlineData("POST", "keys/rotate", "", "keys.rotated")]
    public async Task Whatever_is_decided_says_who_asked_for_it(string method, string path, string body, string kind)
    {
        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events");
        await stream.BegunAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/" + path.Replace("{id}", Uri.EscapeDataString(_ids[1]), StringComparison.Ordinal));
        request.Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        (await _client.SendAsync(request)).EnsureSuccessStatusCode();
        JsonElement decided = await stream.UntilAsync((k, _) => k == kind);
        Assert.Equal("ci (127.0.0.1)", Of(decided, "who"));
        Assert.DoesNotContain(Token, decided.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_that_an_operator_moves_say_who_moved_them()
    {
        string cookie = (await AskAsync(null))!;
        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events?kind=sessions.moved");
        await stream.BegunAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions/cookie/move");
        request.Headers.TryAddWithoutValidation("Session-Cookie", cookie);
        (await _client.SendAsync(request)).EnsureSuccessStatusCode();
        JsonElement moved = await stream.UntilAsync((_, _) => true);
        Assert.Equal(("ci (127.0.0.1)", "operator"), (Of(moved, "who"), moved.GetProperty("data").GetProperty("cause").GetString()));
    }

    [Fact]
    public async Task From_its_start_to_its_end_a_node_says_what_it_does()
    {
        using EventStreamReader stream = await EventStreamReader.OpenAsync(_client, "/api/v1/events?since=10m");
        var kinds = new HashSet<string>();
        await stream.UntilAsync((kind, _) => kinds.Add(kind) && kinds.IsSupersetOf(["node.joined", "backend.up", "listener.opened", "node.ready"]));
        Task stopping = _node.StopAsync(default);
        await stream.UntilAsync((kind, _) => kind == "node.leaving");
        while (await stream.NextAsync() is not null)
        {
        }

        await stopping.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<string?> AskAsync(string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_node.Listeners["http"]}/");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using HttpResponseMessage answer = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set.Single().Split(';')[0] : cookie;
    }

    private static string? Of(JsonElement one, string member) => one.TryGetProperty(member, out JsonElement value) ? value.GetString() : null;
}
