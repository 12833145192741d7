using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Admin;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Sessions;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>Three whole nodes: sessions are shown, ended and moved while their clients use them at all nodes.</summary>
public sealed class SessionDecisionTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-sessions-").FullName;
    private readonly List<WebApplication> _backends = [];
    private readonly List<BalancerNode> _nodes = [];
    private readonly List<NodeSettings> _settings = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });

    public async Task InitializeAsync()
    {
        for (int i = 1; i <= 3; i++)
        {
            string name = $"web-{i}";
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            WebApplication backend = builder.Build();
            backend.MapGet("/healthz", () => "well");
            backend.MapGet("/", () => name);
            await backend.StartAsync();
            _backends.Add(backend);
        }

        string address = LoopbackPorts.OwnAddress();
        int[] ports = LoopbackPorts.Free(address, 3);
        PoolSettings web = TestPools.Pool("web", [.. _backends.Select(b => b.Urls.First())]);
        web = web with
        {
            Backends = [.. web.Backends.AsSpan().ToArray().Select((b, i) => b with { Id = $"web-{i + 1}" })],
            Affinity = web.Affinity with { Keys = [] },
        };
        for (int i = 0; i < 3; i++)
        {
            _settings.Add(TestPools.Node(web) with
            {
                Name = $"lb{i + 1}",
                DataDirectory = Path.Combine(_directory, $"lb{i + 1}"),
                Cluster = new ClusterSettings(
                    address, ports[i], [.. ports.Select(p => new HostPort(address, p))],
                    TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
            });
        }

        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
        foreach (WebApplication backend in _backends)
        {
            await backend.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Once_it_is_said_that_a_session_is_ended_no_node_knows_it_also_where_it_only_had_its_cookie(bool isKnown)
    {
        (string home, string cookie) = await NewSessionAsync(0);
        if (isKnown)
        {
            await AskAsync(0, cookie);
        }

        JsonObject shown = await SendAsync(HttpMethod.Get, 1, "cookie", cookie);
        Assert.Equal((home, isKnown ? "nodes" : "ticket", true), (shown["backend"]!.ToString(), shown["word"]!.ToString(), (bool)shown["inForce"]!));
        string id = shown["id"]!.ToString();

        JsonObject ended = await SendAsync(HttpMethod.Delete, 2, "cookie", cookie);
        Assert.Equal(("ended", home, true), (ended["outcome"]!.ToString(), ended["from"]!.ToString(), (bool)ended["confirmed"]!));
        for (int node = 0; node < 3; node++)
        {
            Assert.NotNull((await AskAsync(node, cookie)).Cookie);
            Assert.Equal("ended", (await SendAsync(HttpMethod.Get, node, id, null))["state"]!.ToString());
        }

        Assert.Equal("unchanged", (await SendAsync(HttpMethod.Delete, 0, id, null))["outcome"]!.ToString());
        await SendAsync(HttpMethod.Post, 0, $"{id}/move", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_session_whose_client_has_its_cookie_and_did_not_come_back_is_found_by_its_id_and_moved()
    {
        var fresh = new Binding(SessionIds.Next(), BackendKey.Of("web-1"), 1, _nodes[0].Plane.Clock.Now);
        _nodes[0].Plane.Learned["web"].Note(fresh);
        _nodes[1].Plane.Learned["web"].Told(fresh);
        for (int node = 0; node < 3; node++)
        {
            JsonObject shown = await SendAsync(HttpMethod.Get, node, fresh.Id.ToString(), null);
            Assert.Equal(("web-1", "nodes"), (shown["backend"]!.ToString(), shown["word"]!.ToString()));
        }

        JsonObject moved = await SendAsync(HttpMethod.Post, 2, $"{fresh.Id}/move", null, body: new { to = "web-2" });
        Assert.Equal(("moved", "web-2"), (moved["outcome"]!.ToString(), moved["backend"]!.ToString()));
        for (int node = 0; node < 3; node++)
        {
            Assert.Equal("web-2", (await SendAsync(HttpMethod.Get, node, fresh.Id.ToString(), null))["backend"]!.ToString());
        }
    }

    [Fact]
    public async Task A_session_that_was_ended_stays_so_when_all_nodes_died()
    {
        (_, string cookie) = await NewSessionAsync(0);
        string id = (await SendAsync(HttpMethod.Delete, 1, "cookie", cookie))["id"]!.ToString();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
        _nodes.Clear();
        await StartAsync();
        for (int node = 0; node < 3; node++)
        {
            Assert.NotNull((await AskAsync(node, cookie)).Cookie);
        }

        Assert.Equal("ended", (await SendAsync(HttpMethod.Get, 2, id, null))["state"]!.ToString());
    }

    [Fact]
    public async Task A_session_that_is_moved_while_it_is_used_at_all_nodes_is_in_one_place_before_and_in_one_place_afterwards()
    {
        (string home, string cookie) = await NewSessionAsync(0);
        string to = home == "web-2" ? "web-3" : "web-2";
        using var done = new CancellationTokenSource();
        var seen = new ConcurrentBag<(bool After, string Server)>();
        bool isSaid = false;
        Task[] clients = [.. Enumerable.Range(0, 6).Select(async i =>
        {
            string mine = cookie;
            while (!done.IsCancellationRequested)
            {
                bool after = Volatile.Read(ref isSaid);
                (string server, string? fresh) = await AskAsync(i % 3, mine);
                seen.Add((after, server));

                // Half of them never take a ticket that is later.
                mine = i % 2 == 0 ? fresh ?? mine : mine;
            }
        })];
        await Eventually.Holds(() => seen.Count > 60, "requests are under way");

        JsonObject moved = await SendAsync(HttpMethod.Post, 1, "cookie/move", cookie, body: new { to });
        Volatile.Write(ref isSaid, true);
        await Eventually.Holds(() => seen.Count(s => s.After) > 60, "more requests came");
        await done.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Equal(("moved", home, to), (moved["outcome"]!.ToString(), moved["from"]!.ToString(), moved["backend"]!.ToString()));
        Assert.All(seen.Where(s => s.After), s => Assert.Equal(to, s.Server));
        Assert.All(seen, s => Assert.Contains(s.Server, new[] { home, to }));
        Assert.Equal("unchanged", (await SendAsync(HttpMethod.Post, 2, "cookie/move", cookie, body: new { from = home }))["outcome"]!.ToString());
    }

    [Fact]
    public async Task Many_decisions_at_once_at_several_nodes_each_have_an_answer_and_leave_one_truth()
    {
        (_, string cookie) = await NewSessionAsync(0);
        string id = (await SendAsync(HttpMethod.Get, 0, "cookie", cookie))["id"]!.ToString();
        JsonObject[] answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(i =>
            SendAsync(HttpMethod.Post, i % 3, "cookie/move", cookie, body: new { to = $"web-{1 + (i / 3)}" })));
        Assert.All(answers, a => Assert.True((bool)a["confirmed"]!));

        string[] servers = [(await AskAsync(0, cookie)).Server, (await AskAsync(1, cookie)).Server, (await AskAsync(2, cookie)).Server];
        Assert.Single(servers.Distinct());
        Assert.True((bool)(await SendAsync(HttpMethod.Get, 1, id, null))["inForce"]!);

        JsonObject[] ends = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => SendAsync(HttpMethod.Delete, i % 3, id, null)));
        Assert.All(ends, e => Assert.Contains(e["outcome"]!.ToString(), new[] { "ended", "unchanged" }));
        Assert.Contains(ends, e => e["outcome"]!.ToString() == "ended");
    }

    [Fact]
    public async Task What_became_of_sessions_is_counted_over_all_nodes()
    {
        for (int i = 0; i < 6; i++)
        {
            (_, string cookie) = await NewSessionAsync(i % 3);
            await AskAsync(i % 3, cookie);
            if (i == 0)
            {
                await SendAsync(HttpMethod.Post, 0, "cookie/move", cookie, body: new { });
            }
            else if (i == 1)
            {
                await SendAsync(HttpMethod.Delete, 0, "cookie", cookie);
            }
        }

        SessionsDocument counted = (await _client.GetFromJsonAsync<SessionsDocument>(Address(2, "?pool=web"), AdminJson.Written))!;
        SessionsDocument.Backend[] backends = [.. Assert.Single(counted.Pools).Backends];
        Assert.Equal(
            (6L, 6L, 1L, 1L, 1L),
            (backends.Sum(b => b.LastMinute.Began), backends.Sum(b => b.LastMinute.Adopted), backends.Sum(b => b.LastMinute.Moved.Operator), backends.Sum(b => b.LastMinute.Moved.All), backends.Sum(b => b.LastMinute.Ended)));
        Assert.Equal(["lb1", "lb2", "lb3"], counted.Counted.Select(c => c.Node).Order());
        Assert.Empty(counted.NotCounted);
    }

    [Fact]
    public async Task With_a_node_that_died_there_is_an_answer_in_time_that_says_who_may_not_go_by_it()
    {
        (string home, string cookie) = await NewSessionAsync(0);
        ((ExtendedActorSystem)_nodes[2].Control.System!).Abort();
        await _nodes[2].DisposeAsync();
        _nodes.RemoveAt(2);
        string to = home == "web-2" ? "web-3" : "web-2";
        using HttpResponseMessage moved = await RequestAsync(HttpMethod.Post, 0, "cookie/move", cookie, new { to });
        Assert.Contains(moved.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted });
        Assert.Equal([to, to], [(await AskAsync(0, cookie)).Server, (await AskAsync(1, cookie)).Server]);
        using HttpResponseMessage ended = await RequestAsync(HttpMethod.Delete, 1, "cookie", cookie, null);
        Assert.Contains(ended.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted });
        Assert.NotNull((await AskAsync(0, cookie)).Cookie);
        Assert.NotNull((await AskAsync(1, cookie)).Cookie);
    }

    private async Task StartAsync()
    {
        _nodes.AddRange(_settings.Select(s => new BalancerNode(s, NullLoggerFactory.Instance, TimeProvider.System)));
        await Task.WhenAll(_nodes.Select(n => n.StartAsync(default)));
    }

    private Uri Address(int node, string path) => new($"http://{_nodes[node].AdminEndpoint}/api/v1/sessions{path}");

    private async Task<(string Server, string Cookie)> NewSessionAsync(int node)
    {
        (string server, string? cookie) = await AskAsync(node, null);
        return (server, cookie!);
    }

    private async Task<JsonObject> SendAsync(
        HttpMethod method, int node, string session, string? cookie, HttpStatusCode expected = HttpStatusCode.OK, object? body = null)
    {
        using HttpResponseMessage response = await RequestAsync(method, node, session, cookie, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpMethod method, int node, string session, string? cookie, object? body)
    {
        using var request = new HttpRequestMessage(method, Address(node, $"/{session}")) { Content = body is null ? null : JsonContent.Create(body) };
        if (cookie is not null)
        {
            request.Headers.Add(SessionEndpoints.CookieField, cookie);
        }

        return await _client.SendAsync(request);
    }

    private async Task<(string Server, string? Cookie)> AskAsync(int node, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{_nodes[node].Listeners["http"]}/");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (
            await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single().Split(';')[0] : null);
    }
}
