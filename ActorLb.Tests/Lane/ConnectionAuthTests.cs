using System.Net;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Backends that take a connection for a person, as NTLM and Negotiate do: no two clients share one.</summary>
public abstract class ConnectionAuthTests(ListenerEngine engine)
{
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    [Theory]
    [InlineData("NTLM", true)]
    [InlineData("NTLM", false)]
    [InlineData("Negotiate", true)]
    [InlineData("negotiate", false)]
    public async Task A_connection_that_one_client_authenticated_serves_nobody_else(string scheme, bool sticky)
    {
        await using RawBackend a = Authenticating(scheme);
        await using RawBackend b = Authenticating(scheme);
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1, Sticky = sticky }, a.Address, b.Address);
        using RawClient alice = await LogInAsync(lane, scheme, "alice");
        using RawClient bob = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 4; i++)
        {
            Assert.StartsWith("HTTP/1.1 401", (await GetAsync(bob)).Head, StringComparison.Ordinal);
            Assert.Equal("alice", (await GetAsync(alice)).Body);
        }

        using RawClient carol = await LogInAsync(lane, scheme, "carol");
        Assert.Equal("alice", (await GetAsync(alice)).Body);
        Assert.Equal("carol", (await GetAsync(carol)).Body);
        using RawClient dave = await RawClient.ConnectAsync(lane.Endpoint);
        Assert.StartsWith("HTTP/1.1 401", (await GetAsync(dave)).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_its_clients_own_from_the_offer_on()
    {
        await using RawBackend backend = Authenticating("NTLM");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        using RawClient bob = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient carol = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 3; i++)
        {
            await GetAsync(bob);
            await GetAsync(carol);
        }

        Assert.Equal((2, 6), (backend.Connections, backend.Requests));
    }

    [Fact]
    public async Task A_connection_of_ones_own_is_closed_with_its_client()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawBackend backend = Authenticating("NTLM", closed.SetResult);
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);

        (await LogInAsync(lane, "NTLM", "alice")).Dispose();

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_connection_of_ones_own_does_not_grow_too_old_while_its_client_is_there()
    {
        var othersClosed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawBackend backend = Authenticating("NTLM");
        await using var plain = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("plain");
            await connection.UntilClosedAsync();
            othersClosed.TrySetResult();
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Loops = 1, Sticky = false, BackendIdleTimeout = TimeSpan.FromSeconds(1) }, backend.Address, plain.Address);
        using RawClient alice = await LogInAsync(lane, "NTLM", "alice");

        Assert.Equal("plain", await lane.GetAsync());
        await othersClosed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Unused for longer than the one that grew too old.
        Assert.Equal("alice", (await GetAsync(alice)).Body);
    }

    [Fact]
    public async Task A_connection_of_ones_own_that_the_backend_closed_is_gone()
    {
        await using RawBackend backend = Authenticating("NTLM", closes: "/last");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        using RawClient alice = await LogInAsync(lane, "NTLM", "alice");

        Assert.Equal("alice", (await GetAsync(alice, "/last")).Body);

        Assert.StartsWith("HTTP/1.1 401", (await GetAsync(alice)).Head, StringComparison.Ordinal);
        Assert.Equal(2, backend.Connections);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_session_that_lives_elsewhere_leaves_the_connection_and_its_login_behind()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawBackend backend = Authenticating("NTLM", () => closed.TrySetResult());
        await using SampleBackend plain = await SampleBackend.NamedAsync("plain");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address, plain.Address);
        using RawClient alice = await LogInAsync(lane, "NTLM", "alice");
        using HttpResponseMessage elsewhere = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(elsewhere)!;

        Assert.Equal("alice", (await GetAsync(alice)).Body);
        Assert.StartsWith("HTTP/1.1 200", (await GetAsync(alice, "/", $"Cookie: {ticket}\r\n")).Head, StringComparison.Ordinal);

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Credentials_of_a_connection_are_refused_from_a_proxy_whose_connections_many_people_share()
    {
        await using RawBackend backend = Authenticating("Bearer");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1, TrustedProxies = [Loopback] }, backend.Address);
        using RawClient proxy = await RawClient.ConnectAsync(lane.Endpoint);

        (string head, _) = await GetAsync(proxy, "/", "Authorization: Negotiate abc\r\n");

        Assert.StartsWith("HTTP/1.1 403", head, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: connection-auth-refused\r\n", head, StringComparison.Ordinal);
        Assert.Equal(0, backend.Requests);
        Assert.StartsWith("HTTP/1.1 401", (await GetAsync(proxy, "/", "Authorization: Bearer abc\r\n")).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_offer_to_authenticate_a_connection_is_not_passed_on_to_a_proxy_whose_connections_many_people_share()
    {
        await using RawBackend backend = Authenticating("NTLM");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1, TrustedProxies = [Loopback] }, backend.Address);
        using RawClient proxy = await RawClient.ConnectAsync(lane.Endpoint);

        (string head, _) = await GetAsync(proxy);

        Assert.StartsWith("HTTP/1.1 502", head, StringComparison.Ordinal);
        Assert.Contains("X-ActorLb-Reason: connection-auth-refused\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("WWW-Authenticate", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_pool_may_allow_a_proxy_that_gives_each_of_its_clients_a_connection()
    {
        await using RawBackend backend = Authenticating("NTLM");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Loops = 1, TrustedProxies = [Loopback], AuthenticatesProxies = true }, backend.Address);
        using RawClient alice = await LogInAsync(lane, "NTLM", "alice");
        using RawClient bob = await RawClient.ConnectAsync(lane.Endpoint);

        Assert.StartsWith("HTTP/1.1 401", (await GetAsync(bob)).Head, StringComparison.Ordinal);
        Assert.Equal("alice", (await GetAsync(alice)).Body);
    }

    [Fact]
    public async Task Connections_on_which_requests_authenticate_themselves_are_shared()
    {
        await using RawBackend backend = Authenticating("Basic realm=\"x\", Bearer");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);

        for (int i = 0; i < 3; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await GetAsync(client, "/", "Authorization: Basic YTpi\r\n");
        }

        Assert.Equal((1, 3), (backend.Connections, backend.Requests));
    }

    /// <summary>Says who is logged in on the connection; the first word of a login is answered by a challenge, as NTLM has it.</summary>
    /// <param name="closed">Is called where a connection on which somebody is logged in ends.</param>
    /// <param name="closes">After a request for this path the connection is closed.</param>
    private static RawBackend Authenticating(string scheme, Action? closed = null, string? closes = null) => new(async connection =>
    {
        string? user = null;
        while (await connection.ReadHeadAsync() is { } head)
        {
            string[] login = LoginOf(head, scheme);
            user = login.Length == 2 ? login[1] : user;
            string challenge = login.Length == 1 ? $"{scheme} challenge" : scheme;
            bool isLast = closes is not null && head.Contains(closes, StringComparison.Ordinal);
            await connection.WriteAsync(user is null || login.Length == 1
                ? $"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a, b\"\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 2\r\n\r\nno"
                : $"HTTP/1.1 200 OK\r\nContent-Length: {user.Length}\r\n{(isLast ? "Connection: close\r\n" : "")}\r\n{user}");
            if (isLast)
            {
                return;
            }
        }

        if (user is not null)
        {
            closed?.Invoke();
        }
    });

    private static string[] LoginOf(string head, string scheme)
    {
        string begin = $"Authorization: {scheme} ";
        string? line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith(begin, StringComparison.OrdinalIgnoreCase));
        return line is null ? [] : line[begin.Length..].Split(' ');
    }

    private static async Task<RawClient> LogInAsync(TestLane lane, string scheme, string user)
    {
        RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        Assert.StartsWith("HTTP/1.1 401", (await GetAsync(client)).Head, StringComparison.Ordinal);
        (string head, _) = await GetAsync(client, "/", $"Authorization: {scheme} hello\r\n");
        Assert.Contains($"WWW-Authenticate: {scheme} challenge", head, StringComparison.Ordinal);
        Assert.Equal(user, (await GetAsync(client, "/", $"Authorization: {scheme} hello {user}\r\n")).Body);
        return client;
    }

    private static async Task<(string Head, string Body)> GetAsync(RawClient client, string path = "/", string fields = "")
    {
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        return await client.ReadAnswerAsync();
    }
}
