using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Admin;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Admin;

/// <summary>What the admin API says and does of sessions.</summary>
public sealed partial class SessionApiTests
{
    private static readonly SessionId Id = new(0x3f0c_0000_0000_0001, 2);
    private static readonly BackendKey A = BackendKey.Of("a");
    private static readonly BackendKey B = BackendKey.Of("b");

    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2027, 1, 15, 8, 0, 0, TimeSpan.Zero));

    private static uint Now => (uint)Time.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task The_list_has_exactly_the_documented_shape()
    {
        await using AdminFixture node = await StartAsync();
        node.Plane.Tables["web"].Note(new Binding(Id, A, 1, Now));
        node.Sessions.Rates = new SessionRates(
            [
                new SessionRatesAtNode("node-1", TimeSpan.FromSeconds(62), [Counts("a", 3, 2, 0, 0, 1, 0, 0, 1, 4, 1)]),
                new SessionRatesAtNode("node-2", TimeSpan.FromSeconds(9.04), [Counts("a", 1), Counts("", 0, 0, 0, 0, 0, 5)]),
            ],
            ["node-3"]);
        using HttpClient client = node.Client();

        JsonObject document = JsonNode.Parse(await client.GetStringAsync("/api/v1/sessions?pool=web"))!.AsObject();

        const string Nothing = """{"began":0,"adopted":0,"moved":{"down":0,"maintenance":0,"drained":0,"removed":0,"unreachable":0,"operator":0,"all":0},"expired":0,"ended":0}""";
        const string Expected = $$$"""
            {"node":"node-1","pools":[{"name":"web","sessions":1,"backends":[
            {"id":"a","address":"http://127.0.0.1:9001","sessions":1,"sessionsToMove":0,"lastMinute":{"began":4,"adopted":2,
            "moved":{"down":0,"maintenance":0,"drained":1,"removed":0,"unreachable":0,"operator":1,"all":2},"expired":4,"ended":1}},
            {"id":"b","address":"http://127.0.0.1:9002","sessions":0,"sessionsToMove":0,"lastMinute":{{{Nothing}}}},
            {"id":"","address":null,"sessions":0,"sessionsToMove":0,"lastMinute":{"began":0,"adopted":0,
            "moved":{"down":0,"maintenance":0,"drained":0,"removed":5,"unreachable":0,"operator":0,"all":5},"expired":0,"ended":0}}]}],
            "counted":[{"node":"node-1","seconds":62},{"node":"node-2","seconds":9}],"notCounted":["node-3"]}
            """;
        Assert.True(document.Remove("time"));
        Assert.Equal(JsonNode.Parse(Expected)!.ToJsonString(), document.ToJsonString());
        SessionsDocument one = (await client.GetFromJsonAsync<SessionsDocument>("/api/v1/sessions?backend=b"))!;
        Assert.Equal("b", Assert.Single(Assert.Single(one.Pools).Backends).Id);
    }

    [Fact]
    public async Task A_session_has_exactly_the_documented_shape()
    {
        await using AdminFixture node = await StartAsync();
        var carried = new Binding(Id, A, 1, Now - 60);
        var known = new Binding(Id, A, 1, Now - 3);
        node.Sessions.Found = find => new SessionSought(
            [
                new SessionAtNode("node-1", find.Id, [new KnownSession("web", known, IsReplicated: true)]),
                new SessionAtNode("node-2", find.Id, []),
                new SessionAtNode("node-3", find.Id, [new KnownSession("web", known with { Backend = B, Version = 0, LastSeen = Now - 90 }, IsReplicated: false)]),
            ],
            ["node-4"],
            ["node-5"]);
        using HttpClient client = node.Client();

        (HttpStatusCode status, JsonObject document) = await SendAsync(client, HttpMethod.Get, "cookie", Ticket(node, carried));

        const string Expected = """
            {"node":"node-1","pool":"web","id":"3f0c0000000000010000000000000002","state":"bound","backend":"a","address":"http://127.0.0.1:9001","version":1,
            "livesThereSince":"2027-01-15T07:59:00+00:00","lastUsed":"2027-01-15T07:59:57+00:00","word":"nodes","inForce":false,"nodes":[
            {"node":"node-1","knows":"same","backend":"a","version":1,"lastUsed":"2027-01-15T07:59:57+00:00","replicated":true},
            {"node":"node-2","knows":"no","backend":null,"version":null,"lastUsed":null,"replicated":false},
            {"node":"node-3","knows":"otherwise","backend":"b","version":0,"lastUsed":"2027-01-15T07:58:30+00:00","replicated":false},
            {"node":"node-4","knows":"silent","backend":null,"version":null,"lastUsed":null,"replicated":false},
            {"node":"node-5","knows":"unreachable","backend":null,"version":null,"lastUsed":null,"replicated":false}]}
            """;
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(document.Remove("time"));
        Assert.Equal(JsonNode.Parse(Expected)!.ToJsonString(), document.ToJsonString());
    }

    [Fact]
    public async Task The_page_shows_the_documents_as_they_are()
    {
        await using AdminFixture node = await StartAsync();
        node.Sessions.Rates = new SessionRates([new SessionRatesAtNode("node-1", TimeSpan.FromSeconds(60), [])], []);
        node.Sessions.Found = find => Found(new Binding(find.Id, A, 1, Now));
        using HttpClient client = node.Client();
        string page = await File.ReadAllTextAsync(RepositoryFiles.PathOf("docs", "admin-api.md"));

        JsonObject list = JsonNode.Parse(await client.GetStringAsync("/api/v1/sessions"))!.AsObject();
        JsonObject shown = Shown(ListExample().Match(page));
        Assert.Equal(Names(list), Names(shown));
        Assert.Equal(Names(list["pools"]![0]!["backends"]![0]!), Names(shown["pools"]![0]!["backends"]![0]!));
        Assert.Equal(Names(list["pools"]![0]!["backends"]![0]!["lastMinute"]!), Names(shown["pools"]![0]!["backends"]![0]!["lastMinute"]!));

        JsonObject session = (await SendAsync(client, HttpMethod.Get, Id.ToString())).Document;
        shown = Shown(SessionExample().Match(page));
        Assert.Equal(Names(session), Names(shown));
        Assert.Equal(Names(session["nodes"]![0]!), Names(shown["nodes"]![0]!));

        JsonObject moved = (await SendAsync(client, HttpMethod.Post, $"{Id}/move")).Document;
        Assert.Equal(Names(moved), Names(Shown(MoveExample().Match(page))));
    }

    [Fact]
    public async Task What_is_asked_for_reaches_the_nodes_with_all_that_is_known()
    {
        await using AdminFixture node = await StartAsync();
        var carried = new Binding(Id, A, 1, Now - 60);
        node.Sessions.Found = find => Found(new Binding(find.Id, B, 2, Now - 90));
        node.Sessions.Decided = before => new SessionDecided(SessionOutcome.Moved, before, before.MovedTo(A, Now), ByMajority: true) { NotInForce = ["node-2"] };
        using HttpClient client = node.Client();

        (HttpStatusCode status, JsonObject moved) = await SendAsync(client, HttpMethod.Post, "cookie/move", Ticket(node, carried), new { to = "a", from = "b" });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(("moved", "b", "a"), (moved["outcome"]!.ToString(), moved["from"]!.ToString(), moved["backend"]!.ToString()));
        Assert.Equal([new SeekSession("web", Id), new MoveSessionTo("web", new Binding(Id, B, 2, Now - 60), B, A) { Who = "127.0.0.1" }], node.Sessions.Taken);

        node.Sessions.Decided = before => new SessionDecided(SessionOutcome.Ended, before, Binding.Ended(before.Id, Now), ByMajority: true);
        (status, JsonObject ended) = await SendAsync(client, HttpMethod.Delete, $"{Id}");
        Assert.Equal((HttpStatusCode.OK, "ended", null), (status, ended["outcome"]!.ToString(), ended["backend"]));

        node.Sessions.Found = find => new SessionSought([new SessionAtNode("node-1", find.Id, [])], [], []);
        (status, _) = await SendAsync(client, HttpMethod.Delete, $"{Id}?pool=web");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(new EndSession("web", Id, null), node.Sessions.Taken[^1]);
    }

    public static TheoryData<string, string, string?, string?, int, string> Refusals => new()
    {
        { "GET", "3f0c", null, null, 400, "bad-session" },
        { "DELETE", new string('g', 32), null, null, 400, "bad-session" },
        { "GET", "cookie", null, null, 400, "bad-session" },
        { "GET", "cookie", "garbage", null, 400, "bad-session" },
        { "DELETE", "cookie", new string('A', 6000), null, 400, "bad-session" },
        { "GET", "cookie", "ALB=" + new string('A', 68), null, 400, "bad-session" },
        { "DELETE", "cookie", "FORGED", null, 404, "unknown-session" },
        { "GET", "cookie", "OLD", null, 404, "unknown-session" },
        { "GET", "cookie", "TWO", null, 400, "bad-session" },
        { "GET", "3f0c0000000000010000000000000002", null, null, 404, "unknown-session" },
        { "DELETE", "3f0c0000000000010000000000000002", null, null, 404, "unknown-session" },
        { "DELETE", "3f0c0000000000010000000000000002?pool=api", null, null, 404, "unknown-pool" },
        { "GET", "3f0c0000000000010000000000000002?pol=web", null, null, 400, "bad-request" },
        { "POST", "3f0c0000000000010000000000000002/move?pool=web", null, null, 404, "unknown-session" },
        { "POST", "cookie/move", "GOOD", """{"to":"c"}""", 404, "unknown-backend" },
        { "POST", "cookie/move", "GOOD", """{"to":"b","at":1}""", 400, "bad-request" },
        { "POST", "cookie/move", "GOOD", "{", 400, "bad-request" },
        { "POST", "cookie/move", "GOOD", """{"to":"b"}""", 409, "backend-takes-none" },
        { "GET", "?backend=c", null, null, 404, "unknown-backend" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_is_refused_by_name_and_asks_nobody_to_change_anything(string method, string session, string? cookie, string? body, int status, string problem)
    {
        await using AdminFixture node = await StartAsync();
        node.Publish(id => new BackendCondition(BackendHealth.Up, default, id == "b" ? OperatorState.Draining : OperatorState.Ready, null, false, 1));
        var carried = new Binding(Id, A, 1, Now);
        string good = Ticket(node, carried);
        cookie = cookie switch
        {
            "FORGED" => good[..^1] + (good[^1] == 'A' ? 'B' : 'A'),
            "OLD" => Ticket(node, carried with { LastSeen = Now - 3600 }),
            "TWO" => $"{good}; {Ticket(node, carried with { Id = new SessionId(1, 1) })}",
            "GOOD" => good,
            _ => cookie,
        };
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/sessions{(session.StartsWith('?') ? "" : "/")}{session}");
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation(SessionEndpoints.CookieField, cookie);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        JsonObject answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal((status, $"urn:actorlb:problem:{problem}"), ((int)response.StatusCode, answer["type"]!.ToString()));
        Assert.DoesNotContain(node.Sessions.Taken, t => t is EndSession or MoveSessionTo);
        Assert.DoesNotContain(good[8..], answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("connect.sid=s:abc.d/e+f", true)]
    [InlineData("s:abc", true)]
    [InlineData("connect.sid=s%3Aabc.d%2Fe", false)]
    [InlineData("JSESSIONID=0123ABCD", false)]
    public async Task A_cookie_that_was_decoded_gets_a_hint(string cookie, bool isTold)
    {
        await using AdminFixture node = await StartAsync();
        using HttpClient client = node.Client();
        JsonObject answer = (await SendAsync(client, HttpMethod.Get, "cookie", cookie)).Document;
        Assert.Equal(isTold, answer["detail"]!.ToString().Contains("It looks as if it was decoded", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(SessionOutcome.HasEnded), 409, "session-ended")]
    [InlineData(nameof(SessionOutcome.NobodyTakesIt), 409, "backend-takes-none")]
    [InlineData(nameof(SessionOutcome.NoPlace), 503, "table-full")]
    public async Task What_came_to_nothing_is_a_problem_of_its_own(string outcome, int status, string problem)
    {
        await using AdminFixture node = await StartAsync();
        node.Sessions.Found = find => Found(new Binding(find.Id, A, 1, Now));
        node.Sessions.Decided = before => new SessionDecided(Enum.Parse<SessionOutcome>(outcome), before, before, ByMajority: false);
        using HttpClient client = node.Client();
        (HttpStatusCode answered, JsonObject answer) = await SendAsync(client, HttpMethod.Post, $"{Id}/move");
        Assert.Equal((status, $"urn:actorlb:problem:{problem}"), ((int)answered, answer["type"]!.ToString()));
    }

    [Fact]
    public async Task Without_an_answer_of_the_control_plane_there_is_one_that_says_so()
    {
        await using AdminFixture node = await StartAsync();
        using HttpClient client = node.Client();
        node.Sessions.Failure = new TimeoutException();
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await SendAsync(client, HttpMethod.Get, $"{Id}")).Status);
        node.Sessions.Failure = new InvalidOperationException();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(client, HttpMethod.Delete, $"{Id}")).Status);
        node.View.Phase = NodePhase.Starting;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(client, HttpMethod.Get, $"{Id}")).Status);
    }

    private static async Task<AdminFixture> StartAsync()
    {
        AdminFixture node = await AdminFixture.StartAsync(time: Time);
        node.Plane.Keys = TicketKeyRing.Of([TestPools.Key]);
        node.Publish(_ => new BackendCondition(BackendHealth.Up, default, OperatorState.Ready, null, false, 1));
        return node;
    }

    private static SessionSought Found(Binding known) => new([new SessionAtNode("node-1", known.Id, [new KnownSession("web", known, IsReplicated: true)])], [], []);

    private static SessionsOfBackend Counts(string backend, params long[] counts) =>
        new(new BackendName("web", backend), [.. counts.Concat(Enumerable.Repeat(0L, SessionCounts.Kinds - counts.Length))]);

    private static string Ticket(AdminFixture node, Binding binding)
    {
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        node.Plane.Routing.Pools["web"].Affinity!.Codec.Seal(binding, text);
        return $"ALB={text}";
    }

    private static async Task<(HttpStatusCode Status, JsonObject Document)> SendAsync(
        HttpClient client, HttpMethod method, string session, string? cookie = null, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/sessions/{session}") { Content = body is null ? null : JsonContent.Create(body) };
        if (cookie is not null)
        {
            request.Headers.Add(SessionEndpoints.CookieField, cookie);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    private static JsonObject Shown(Match match) => JsonNode.Parse(match.Groups[1].Value)!.AsObject();

    private static string Names(JsonNode node) => string.Join(" ", node.AsObject().Select(m => m.Key));

    [GeneratedRegex(@"```json\s*(\{ *""node""[^`]*""counted""[^`]*)```")]
    private static partial Regex ListExample();

    [GeneratedRegex(@"```json\s*(\{ *""node""[^`]*""knows""[^`]*)```")]
    private static partial Regex SessionExample();

    [GeneratedRegex(@"```json\s*(\{ *""pool""[^`]*""outcome"": *""moved""[^`]*)```")]
    private static partial Regex MoveExample();
}
