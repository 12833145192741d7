using System.Globalization;
using System.Net;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a client can bring about with values of the application's cookie that nobody knows, or that it never sends back.</summary>
public abstract class LearnedFloodTests(ListenerEngine engine)
{
    private static readonly LaneOptions Learn = new() { Affinity = AffinityMode.Learn };

    [Fact]
    public async Task Owners_are_asked_for_two_values_of_a_request_and_an_address_has_a_budget()
    {
        await using RawBackend a = Backend("");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);
        var nobody = new Nobody();
        lane.Plane.Rebinder = nobody;
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await AskAsync(client, string.Join("; ", Enumerable.Range(0, 8).Select(i => $"JSESSIONID=first-{i}")));
        Assert.Equal(2, nobody.Asked);

        // What is not asked for is served all the same, as no session.
        int requests = 0;
        while (lane.Plane.SessionCounters.Unasked == 0 && requests < 20_000)
        {
            requests++;
            await AskAsync(client, string.Create(CultureInfo.InvariantCulture, $"JSESSIONID=a-{requests}; JSESSIONID=b-{requests}"));
        }

        Assert.InRange(nobody.Asked, OwnerQuestions.AtOnce, (2 * requests) + 2);
        Assert.True(lane.Plane.SessionCounters.Unasked > 0);
        Assert.Equal(0, lane.Plane.Tables["web"].Count);
    }

    [Fact]
    public async Task The_proxy_that_names_them_gives_each_client_a_budget_of_its_own()
    {
        await using RawBackend a = Backend("");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, a.Address);
        var nobody = new Nobody();
        lane.Plane.Rebinder = nobody;
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < OwnerQuestions.AtOnce; i++)
        {
            await AskAsync(client, string.Create(CultureInfo.InvariantCulture, $"JSESSIONID=a-{i}; JSESSIONID=b-{i}\r\nX-Forwarded-For: 10.0.{i / 100}.{i % 100}"));
        }

        Assert.Equal(0, lane.Plane.SessionCounters.Unasked);
        Assert.Equal(2 * OwnerQuestions.AtOnce, nobody.Asked);
    }

    [Fact]
    public async Task Who_begins_session_after_session_displaces_its_own()
    {
        int number = 0;
        await using RawBackend a = Backend(() => $"Set-Cookie: JSESSIONID=s{Interlocked.Increment(ref number)}x\r\n");
        await using TestLane lane = await TestLane.StartAsync(engine, Learn with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, a.Address);
        LearnedSessions learned = lane.Plane.Learned["web"];
        learned.Limit = 128;
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < 60; i++)
        {
            await AskAsync(client, string.Create(CultureInfo.InvariantCulture, $"x=1\r\nX-Forwarded-For: 10.0.0.{i}"));
        }

        for (int i = 0; i < 300; i++)
        {
            await AskAsync(client, "x=1\r\nX-Forwarded-For: 10.9.9.9");
        }

        Assert.Equal(360, learned.Count + learned.Displaced);
        for (int i = 1; i <= 60; i++)
        {
            Assert.True(lane.Plane.Routing.Pools["web"].Affinity!.TryName($"s{i}x", out _), $"s{i}x");
        }
    }

    [Fact]
    public async Task A_cookie_of_an_answer_before_the_final_one_reaches_nobody()
    {
        await using var a = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: JSESSIONID=early\r\nX-Kept: 1\r\n\r\n");
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=final\r\nContent-Length: 2\r\n\r\nok");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Learn, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Kept: 1\r\n\r\nHTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("early", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: JSESSIONID=final\r\n", answer, StringComparison.Ordinal);
        Assert.True(lane.Plane.Routing.Pools["web"].Affinity!.TryName("final", out _));
        Assert.False(lane.Plane.Routing.Pools["web"].Affinity!.TryName("early", out _));
    }

    private static RawBackend Backend(string field) => Backend(() => field);

    private static RawBackend Backend(Func<string> field) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n{field()}Content-Length: 2\r\n\r\nok");
        }
    });

    private static async Task AskAsync(RawClient client, string cookie)
    {
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
        (string head, string body) = await client.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.Equal("ok", body);
    }

    /// <summary>Owners that know nothing.</summary>
    private sealed class Nobody : IRebinder
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<Rebound?> RebindAsync(string pool, Binding known, BackendKey failed, TimeSpan timeout, CancellationToken cancellation) => new((Rebound?)null);

        public ValueTask<Binding?> FindAsync(string pool, SessionId session, TimeSpan timeout, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _asked);
            return new(new Binding(session, BackendKey.None, 0, 0));
        }
    }
}
