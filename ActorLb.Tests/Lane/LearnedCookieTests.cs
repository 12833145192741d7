using System.Net;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Clients are known by a cookie that the application sets.</summary>
public abstract class LearnedCookieTests(ListenerEngine engine)
{
    private static readonly LaneOptions Learn = new() { Affinity = AffinityMode.Learn };

    [Fact]
    public async Task Whoever_sends_the_applications_cookie_back_stays_while_others_rotate()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (string home, string? cookie) = await AskAsync(lane, "/begin");

        for (int i = 0; i < 5; i++)
        {
            await AskAsync(lane, "/");
            (string again, string? other) = await AskAsync(lane, "/", "theme=dark; " + cookie);
            Assert.Equal(home, again);
            Assert.Null(other);
        }

        Assert.Equal(3, b.Seen.Count);
        Assert.Equal(1, lane.Plane.SessionCounters.Learned);
        Assert.Equal(0, lane.Plane.SessionCounters.Issued);
        Assert.Single(lane.Plane.Tables["web"].Provisional);
    }

    [Fact]
    public async Task A_session_that_an_operator_ended_is_none_although_its_cookie_comes_back()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (string home, string? cookie) = await AskAsync(lane, "/begin");
        PresentedSessionResult fresh = PresentedSession.Find(lane.Plane.Routing.Pools["web"], cookie!);
        Assert.Equal(PresentedSessionKind.Genuine, fresh.Kind);
        Assert.Equal(fresh.Id, fresh.Carried!.Value.Id);
        await AskAsync(lane, "/", cookie);
        PresentedSessionResult known = PresentedSession.Find(lane.Plane.Routing.Pools["web"], cookie![(cookie!.IndexOf('=') + 1)..]);
        Assert.Equal((PresentedSessionKind.Genuine, fresh.Id, null), (known.Kind, known.Id, known.Carried));
        Assert.Equal(PresentedSessionKind.NotGenuine, PresentedSession.Find(lane.Plane.Routing.Pools["web"], cookie + "x").Kind);

        lane.Plane.Tables["web"].Note(Binding.Ended(known.Id, lane.Plane.Clock.Now));
        string[] servers = [(await AskAsync(lane, "/", cookie)).Body, (await AskAsync(lane, "/", cookie)).Body];
        Assert.Equal(2, servers.Distinct().Count());
        Assert.Contains(home, servers);
        Assert.True(lane.Plane.SessionCounters.OfEnded >= 2);
    }

    [Fact]
    public async Task A_client_that_never_sends_it_back_is_in_no_table()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        for (int i = 0; i < 3; i++)
        {
            await AskAsync(lane, "/begin");
        }

        Assert.Equal(0, lane.Plane.Tables["web"].Count);
        Assert.Equal(3, lane.Plane.Learned["web"].Count);
    }

    [Fact]
    public async Task A_login_that_changes_the_id_stays_and_both_ids_lead_there()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (string home, string? before) = await AskAsync(lane, "/begin");

        (string login, string? after) = await AskAsync(lane, "/begin", before);

        Assert.Equal(home, login);
        Assert.NotEqual(before, after);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(home, (await AskAsync(lane, "/", before)).Body);
            Assert.Equal(home, (await AskAsync(lane, "/", after)).Body);
        }
    }

    [Theory]
    [InlineData("JSESSIONID=ID; Path=/; HttpOnly", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=\"ID\"; Version=1; Path=/", "$Version=\"1\"; JSESSIONID=\"ID\"; $Path=\"/\"", true)]
    [InlineData("JSESSIONID=\"ID\"", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID.route1", "JSESSIONID=ID.route1", true)]
    [InlineData("JSESSIONID=ID.route1", "JSESSIONID=ID.route2", false)]
    [InlineData("JSESSIONID=ID.route1", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID = ID ;Max-Age=60", "a=1;JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:10 GMT", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID; Expires=Fri, 31-Dec-2100 23:59:59 GMT", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID; Max-Age=0", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID=ID; max-age=-1; Path=/", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID=ID; Expires=Thu, 01 Jan 1970 00:00:10 GMT", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID=ID; Expires=Thu, 01-Jan-1970 00:00:10 GMT", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID=", "JSESSIONID=", false)]
    [InlineData("JSESSIONID=\"\"", "JSESSIONID=\"\"", false)]
    [InlineData("jsessionid=ID", "jsessionid=ID", false)]
    [InlineData("XJSESSIONID=ID", "JSESSIONID=ID", false)]
    [InlineData("JSESSIONID=other|JSESSIONID=ID; Path=/app", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=; Max-Age=0; Path=/old|a=1|JSESSIONID=ID", "JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID", "JSESSIONID=unknown; JSESSIONID=ID", true)]
    [InlineData("JSESSIONID=ID", "JSESSIONID=ID; JSESSIONID=unknown", true)]
    public async Task What_a_client_sends_back_is_found_as_it_was_set(string set, string sent, bool expected)
    {
        await using SampleBackend a = await SettingAsync("a", set.Split('|'));
        await using SampleBackend b = await SettingAsync("b", []);
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        Assert.Equal("a", (await AskAsync(lane, "/")).Body);

        // Who is unknown takes his turn: the next is b.
        Assert.Equal(expected ? "a" : "b", (await AskAsync(lane, "/", sent)).Body);
        Assert.Equal(sent, (expected ? a : b).Seen.Last()["Cookie"]);
    }

    public static TheoryData<string> HostileCookies() => new()
    {
        "JSESSIONID",
        "JSESSIONID=",
        "JSESSIONID=;;JSESSIONID==;=",
        "JSESSIONID=" + new string('x', 8192),
        "JSESSIONID=\u00e4\u00f6\u00fc",
        string.Join("; ", Enumerable.Range(0, 40).Select(i => $"JSESSIONID={i}")),
    };

    [Theory]
    [MemberData(nameof(HostileCookies))]
    public async Task A_hostile_cookie_is_an_unknown_one_and_reaches_the_backend_as_it_is(string cookie)
    {
        await using SampleBackend a = await ServletAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(cookie, Assert.Single(a.Seen)["Cookie"]);
        Assert.Equal(0, lane.Plane.Tables["web"].Count);
    }

    [Fact]
    public async Task A_session_whose_backend_is_gone_moves_once()
    {
        SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using SampleBackend c = await ServletAsync("c");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn with { ConnectTimeout = TimeSpan.FromSeconds(2) }, a.Address, b.Address, c.Address);
        (_, string? cookie) = await AskAsync(lane, "/begin");
        Assert.Equal("a", (await AskAsync(lane, "/", cookie)).Body);
        await a.DisposeAsync();

        string moved = (await AskAsync(lane, "/", cookie)).Body;

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(moved, (await AskAsync(lane, "/", cookie)).Body);
        }

        Assert.Equal(2u, Assert.Single(lane.Plane.Tables["web"].Provisional).Version);
    }

    [Fact]
    public async Task A_session_that_drains_stays_and_new_clients_go_elsewhere()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (_, string? cookie) = await AskAsync(lane, "/begin");
        lane.Publish(a.Address, state: OperatorState.Draining);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("a", (await AskAsync(lane, "/", cookie)).Body);
            Assert.Equal("b", (await AskAsync(lane, "/")).Body);
        }
    }

    [Fact]
    public async Task An_answer_that_begins_a_session_waits_until_others_know_it_and_no_other_does()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        var others = new Others();
        lane.Plane.Rebinder = others;
        Task<(string Body, string? Cookie)> begun = AskAsync(lane, "/begin");
        await others.Told.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await AskAsync(lane, "/");
        Assert.False(begun.IsCompleted);
        others.Know.SetResult();
        (string body, string? cookie) = await begun;

        Assert.Equal("a", body);
        Assert.NotNull(cookie);
        Assert.Equal(1, others.Shared);
        await AskAsync(lane, "/", cookie);
        Assert.Equal(0, others.Asked);
    }

    [Fact]
    public async Task A_session_is_answered_from_its_new_home_when_others_know_of_it()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (string home, string? cookie) = await AskAsync(lane, "/begin");
        Assert.Equal(home, (await AskAsync(lane, "/", cookie)).Body);
        var others = new Others();
        lane.Plane.Rebinder = others;
        SampleBackend left = home == "a" ? a : b;
        lane.Publish(left.Address, BackendHealth.Down);

        Task<(string Body, string? Cookie)> asked = AskAsync(lane, "/", cookie);
        await others.Told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await AskAsync(lane, "/");
        Assert.False(asked.IsCompleted);
        others.Know.SetResult();

        Assert.NotEqual(home, (await asked).Body);
        await AskAsync(lane, "/", cookie);
        Assert.Equal(1, others.Shared);
    }

    [Fact]
    public async Task A_client_that_leaves_meanwhile_harms_nobody()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        var others = new Others();
        lane.Plane.Rebinder = others;
        using (var client = new HttpClient(TestLane.Handler()))
        using (var leaves = new CancellationTokenSource())
        {
            Task<HttpResponseMessage> begun = client.GetAsync(new Uri($"http://{lane.Endpoint}/begin"), leaves.Token);
            await others.Told.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => begun);
        }

        others.Know.SetResult();
        Assert.Equal("a", (await AskAsync(lane, "/begin")).Body);
    }

    [Fact]
    public async Task The_owner_is_asked_for_what_this_node_does_not_know_and_not_again_for_what_nobody_knows()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        var others = new Others { Home = BackendKey.Of(b.Address.Authority) };
        lane.Plane.Rebinder = others;

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("b", (await AskAsync(lane, "/", "JSESSIONID=of-another-node")).Body);
        }

        Assert.Equal(1, others.Asked);
        others.Home = BackendKey.None;
        HashSet<string> seen = [];
        for (int i = 0; i < 4; i++)
        {
            seen.Add((await AskAsync(lane, "/", "JSESSIONID=of-nobody")).Body);
        }

        Assert.Equal(2, seen.Count);
        Assert.InRange(others.Asked, 2, 3);
        Assert.Single(lane.Plane.Tables["web"].Provisional);
    }

    [Fact]
    public async Task An_owner_that_is_silent_lets_the_request_take_its_turn()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        Assert.Equal("a", (await AskAsync(lane, "/", "JSESSIONID=unknown")).Body);
        Assert.Equal(0, lane.Plane.Tables["web"].Count);
    }

    [Fact]
    public async Task Another_mode_is_another_way_to_know_clients_from_the_next_request_on()
    {
        await using SampleBackend a = await ServletAsync("a");
        await using SampleBackend b = await ServletAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address, b.Address);
        (_, string? cookie) = await AskAsync(lane, "/begin");

        await lane.ApplyAsync(t => t.WithPool(t.Pools["web"] with { Affinity = t.Pools["web"].Affinity with { Mode = AffinityMode.Cookie } }));
        using HttpResponseMessage ours = await lane.SendAsync(HttpMethod.Get, "/", cookie);
        await lane.ApplyAsync(t => t.WithPool(t.Pools["web"] with { Affinity = t.Pools["web"].Affinity with { Mode = AffinityMode.Learn } }));
        (string body, _) = await AskAsync(lane, "/", cookie);

        Assert.NotNull(TestLane.TicketOf(ours));
        Assert.Equal("a", body);
    }

    /// <summary>An application that answers with its name, and gives a new id below /begin.</summary>
    private static Task<SampleBackend> ServletAsync(string name) => SampleBackend.StartAsync(context =>
    {
        if (context.Request.Path == "/begin")
        {
            context.Response.Headers.SetCookie = $"JSESSIONID={Guid.NewGuid():N}; Path=/; HttpOnly";
        }

        return context.Response.WriteAsync(name);
    });

    private static Task<SampleBackend> SettingAsync(string name, string[] cookies) => SampleBackend.StartAsync(context =>
    {
        context.Response.Headers.SetCookie = cookies;
        return context.Response.WriteAsync(name);
    });

    private static async Task<(string Body, string? Cookie)> AskAsync(TestLane lane, string path, string? cookie = null)
    {
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, path, cookie);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string? given = answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set.Last().Split(';')[0] : null;
        return (await answer.Content.ReadAsStringAsync(), given);
    }

    private sealed class Others : IRebinder
    {
        public TaskCompletionSource Told { get; } = new();

        public TaskCompletionSource Know { get; } = new();

        public BackendKey Home { get; set; }

        public int Asked { get; private set; }

        public int Shared { get; private set; }

        public ValueTask<Rebound?> RebindAsync(string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation) => new((Rebound?)null);

        public ValueTask<Binding?> FindAsync(string pool, SessionId session, TimeSpan timeout, CancellationToken cancellation)
        {
            Asked++;
            return new(new Binding(session, Home, Home == BackendKey.None ? 0u : 1, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        }

        public ValueTask ShareAsync(string pool, Binding learned)
        {
            Shared++;
            Told.TrySetResult();
            return new(Know.Task);
        }
    }
}
