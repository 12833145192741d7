using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Whom a route lets through, and how fast.</summary>
public abstract class RouteLimitTests(ListenerEngine engine)
{
    private static readonly RouteFilterSettings Plain = RouteFilterSettings.None;

    [Theory]
    [InlineData("127.0.0.0/8", "", "", true)]
    [InlineData("10.0.0.0/8", "", "", false)]
    [InlineData("", "127.0.0.1/32", "", false)]
    [InlineData("127.0.0.0/8", "127.0.0.1/32", "", false)]
    [InlineData("", "10.0.0.0/8", "10.1.2.3", false)]
    [InlineData("10.0.0.0/8", "", "9.9.9.9, 10.1.2.3", true)]
    [InlineData("9.0.0.0/8", "", "9.9.9.9, 10.1.2.3", false)]
    [InlineData("2001:db8::1/128", "", "2001:db8::1", true)]
    [InlineData("2001:db8::1/128", "", "2001:db8::2", false)]
    public async Task A_route_is_for_the_addresses_that_it_allows_and_does_not_deny(string allow, string deny, string forwardedFor, bool passes)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions
            {
                TrustedProxies = forwardedFor.Length > 0 ? [System.Net.IPNetwork.Parse("127.0.0.1/32")] : [],
                Conditions = r => r with { Filters = Plain with { Allow = Networks(allow), Deny = Networks(deny) } },
            },
            backend.Address);
        string fields = forwardedFor.Length > 0 ? $"X-Forwarded-For: {forwardedFor}\r\n" : "";
        string answer = await GetAsync(lane, fields);

        Assert.StartsWith(passes ? "HTTP/1.1 200" : "HTTP/1.1 403", answer, StringComparison.Ordinal);
        Assert.Equal(passes ? 1 : 0, backend.Seen.Count);
    }

    [Fact]
    public async Task A_client_that_is_no_trusted_proxys_cannot_say_who_it_is()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Conditions = r => r with { Filters = Plain with { Allow = Networks("10.0.0.0/8") } } }, backend.Address);

        Assert.StartsWith("HTTP/1.1 403", await GetAsync(lane, "X-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_requests_pass_as_may_come_at_once_and_each_client_has_its_own()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await LimitedAsync(backend, new RateLimitSettings(1, TimeSpan.FromHours(1), 3, RateLimitKey.Header, "X-Key"));
        string[] answers = new string[8];
        for (int i = 0; i < 4; i++)
        {
            answers[i] = await GetAsync(lane, "X-Key: one\r\n");
            answers[i + 4] = await GetAsync(lane, "x-key: other\r\n");
        }

        Assert.All([.. answers[..3], .. answers[4..7]], a => Assert.StartsWith("HTTP/1.1 200", a, StringComparison.Ordinal));
        Assert.All([answers[3], answers[7]], a =>
        {
            Assert.StartsWith("HTTP/1.1 429 Too Many Requests\r\n", a, StringComparison.Ordinal);
            Assert.Contains("\r\nX-ActorLb-Reason: rate-limited\r\n", a, StringComparison.Ordinal);
            Assert.Matches("\r\nRetry-After: 3[56][0-9]{2}\r\n", a);
            Assert.Contains("\r\nRateLimit-Policy: \"route\";q=1;w=3600\r\n", a, StringComparison.Ordinal);
            Assert.Matches("\r\nRateLimit: \"route\";r=0;t=3[56][0-9]{2}\r\n", a);
        });
        Assert.Equal(6, backend.Seen.Count);
    }

    [Theory]
    [InlineData(RateLimitKey.ClientAddress)]
    [InlineData(RateLimitKey.Header)]
    [InlineData(RateLimitKey.Route)]
    public async Task A_limit_of_the_cluster_is_all_a_nodes_that_is_alone(RateLimitKey by)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await LimitedAsync(backend, new RateLimitSettings(1, TimeSpan.FromHours(1), 3, by, by == RateLimitKey.Header ? "X-Key" : "") { IsOfCluster = true });
        string[] answers = new string[4];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = await GetAsync(lane, "X-Key: one\r\n");
        }

        Assert.All(answers[..3], a => Assert.StartsWith("HTTP/1.1 200", a, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 429 Too Many Requests\r\n", answers[3], StringComparison.Ordinal);
        Assert.Matches("\r\nRetry-After: 3[56][0-9]{2}\r\n", answers[3]);
        Assert.Contains("\r\nRateLimit-Policy: \"cluster\";q=1;w=3600\r\n", answers[3], StringComparison.Ordinal);
        Assert.Matches("\r\nRateLimit: \"cluster\";r=0;t=3[56][0-9]{2}\r\n", answers[3]);
        Assert.StartsWith(by == RateLimitKey.Header ? "HTTP/1.1 200" : "HTTP/1.1 429", await GetAsync(lane, "X-Key: other\r\n"), StringComparison.Ordinal);
        Assert.True(lane.Plane.Rates.AreUsed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_route_that_stays_goes_on_counting_when_others_change(bool isOfCluster)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await LimitedAsync(backend, new RateLimitSettings(1, TimeSpan.FromHours(1), 1, RateLimitKey.ClientAddress, "") { IsOfCluster = isOfCluster });
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(lane), StringComparison.Ordinal);

        lane.Plane.Apply(lane.Topology with { Routes = [.. lane.Topology.Routes, new RouteSettings("other.test", "/", "web")] });

        Assert.StartsWith("HTTP/1.1 429", await GetAsync(lane), StringComparison.Ordinal);
    }

    private static EquatableArray<System.Net.IPNetwork> Networks(string text) => text.Length == 0 ? [] : [System.Net.IPNetwork.Parse(text)];

    private static Task<string> GetAsync(TestLane lane, string fields = "") =>
        RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: outer.test\r\n{fields}Connection: close\r\n\r\n");

    private Task<TestLane> LimitedAsync(SampleBackend backend, RateLimitSettings limit) =>
        TestLane.StartAsync(engine, new LaneOptions { Conditions = r => r with { Filters = Plain with { RateLimit = limit } } }, backend.Address);
}
