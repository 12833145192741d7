using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ActorLb.Node.Admin;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminAttackTests
{
    private const string Token = "a-token-of-more-than-sixteen";

    [Theory]
    [InlineData("")]
    [InlineData("GET /api/v1/status HTTP/1.1\r\nHost: lb\r\nX-Slow: ")]
    [InlineData("POST /livez HTTP/1.1\r\nHost: lb\r\nContent-Length: 4000\r\n\r\n")]
    public async Task Connections_that_ask_for_nothing_lock_out_neither_probes_nor_who_has_the_token(string begun)
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: Token);
        List<Socket> held = [];
        try
        {
            for (int i = 0; i < 600; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(node.Server.Endpoint);
                held.Add(socket);
                if (begun.Length > 0)
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(begun));
                }

                if (i % 100 == 99)
                {
                    Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "/livez", null)).StatusCode);
                    Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "/readyz", null)).StatusCode);
                    Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "/api/v1/status", Token)).StatusCode);
                }
            }
        }
        finally
        {
            held.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Who_may_only_read_and_takes_no_answer_locks_out_no_operator_and_is_cut_off()
    {
        string[] many = [.. Enumerable.Range(0, 40).Select(i => $"backend-{i}")];
        AdminToken[] tokens = [new("scraper", TokenDigest.Of("a-token-that-may-look"), AdminRole.Read), new("ops", TokenDigest.Of(Token), AdminRole.Operate)];
        await using AdminFixture node = await AdminFixture.StartAsync([.. tokens], many);
        byte[] asked = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: lb\r\nAuthorization: Bearer a-token-that-may-look\r\n\r\n", 150)));
        List<Socket> held = [];
        try
        {
            for (int i = 0; i < 230; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(node.Server.Endpoint);
                held.Add(socket);
                await socket.SendAsync(asked);
            }

            await UntilAsync(async () => (await AskAsync(node, "/api/v1/status", "a-token-that-may-look")).StatusCode == HttpStatusCode.ServiceUnavailable);
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "/api/v1/status", Token)).StatusCode);
            }

            await UntilAsync(async () => (await AskAsync(node, "/api/v1/status", "a-token-that-may-look")).StatusCode == HttpStatusCode.OK);
            await UntilAsync(async () =>
            {
                string metrics = await (await AskAsync(node, "/metrics", Token)).Content.ReadAsStringAsync();
                return metrics.Contains("actorlb_admin_connections{port=\"admin\"} 1\n", StringComparison.Ordinal);
            });
        }
        finally
        {
            held.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Guesses_at_the_token_are_not_looked_at_beyond_a_few_and_counted()
    {
        // The clock stands: each second one more is looked at.
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret", time: new FakeTimeProvider());
        List<HttpStatusCode> answers = [];
        for (int i = 0; i < 30; i++)
        {
            answers.Add((await AskAsync(node, "/api/v1/status", $"guess-{i}")).StatusCode);
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Unauthorized, TokenGuesses.AtOnce), answers.Take(TokenGuesses.AtOnce));
        HttpResponseMessage last = await AskAsync(node, "/api/v1/status", "guess");
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.All(answers, a => Assert.True(a is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
        Assert.NotNull(last.Headers.RetryAfter);
        Assert.DoesNotContain("from the node itself", await last.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Probes need no token, and another address is not slowed.
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "/livez", null)).StatusCode);
        string metrics = await (await AskAsync(node, "/metrics", "secret", IPAddress.Parse("127.0.0.2"))).Content.ReadAsStringAsync();
        Assert.Matches("actorlb_admin_token_guesses_total\\{outcome=\"wrong\"\\} 1[0-9]\n", metrics);
        Assert.Matches("actorlb_admin_token_guesses_total\\{outcome=\"unread\"\\} [12][0-9]\n", metrics);
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("none", HttpStatusCode.OK)]
    public async Task Pages_of_other_sites_are_refused_with_and_without_a_token(string site, HttpStatusCode status)
    {
        foreach (string? token in new[] { null, "secret" })
        {
            await using AdminFixture node = await AdminFixture.StartAsync(token);
            using HttpClient client = node.Client();
            client.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);
            client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

            Assert.Equal(status, (await client.GetAsync("/api/v1/status")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez")).StatusCode);
        }
    }

    [Fact]
    public async Task Probes_may_have_a_port_of_their_own_where_nothing_else_is()
    {
        await using AdminFixture node = await AdminFixture.StartAsync(token: "secret", health: new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new HttpClient { BaseAddress = new Uri($"http://{node.Server.ProbeEndpoint}") };

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/metrics")).StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }

    // Each on a connection of its own, as curl and kubelet do.
    private static async Task<HttpResponseMessage> AskAsync(AdminFixture node, string path, string? token, IPAddress? from = null)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
                await socket.ConnectAsync(node.Server.Endpoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = node.Url };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await client.GetAsync(path);
    }
}
