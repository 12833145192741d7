using System.Net;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners for plain HTTP that send everybody to https.</summary>
public abstract class HttpsRedirectTests(ListenerEngine engine)
{
    [Theory]
    [InlineData(443, "/a/b%2F?c=//d", "shop.example", "https://shop.example/a/b%2F?c=//d")]
    [InlineData(443, "/", "shop.example:8080", "https://shop.example/")]
    [InlineData(8443, "//evil.example/x", "shop.example:80", "https://shop.example:8443//evil.example/x")]
    [InlineData(443, "/", "[::1]:8080", "https://[::1]/")]
    [InlineData(8443, "/", "[::1]", "https://[::1]:8443/")]
    [InlineData(443, "http://shop.example", "shop.example", "https://shop.example/")]
    [InlineData(443, "http://shop.example?q", "shop.example", "https://shop.example/?q")]
    public async Task Who_comes_by_plain_HTTP_is_sent_to_the_same_target_by_https(int port, string target, string host, string location)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(port, backend);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 308 Permanent Redirect\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nLocation: {location}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-ActorLb-Reason", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Strict-Transport-Security", answer, StringComparison.Ordinal);
        Assert.Empty(backend.Seen);
    }

    [Fact]
    public async Task A_host_without_a_route_is_redirected_as_well_and_the_connection_stays()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Host = "other.example", Listener = l => l with { RedirectToHttps = 443 } }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        foreach (string method in (string[])["GET", "POST", "OPTIONS"])
        {
            await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n");
            Assert.Contains("\r\nLocation: https://a.example/x\r\n", (await client.ReadAnswerAsync()).Head, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_that_names_no_host_is_refused()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(443, backend);
        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https", 200)]
    [InlineData("http", 308)]
    [InlineData(null, 308)]
    public async Task Who_came_by_https_to_a_trusted_proxy_is_served(string? scheme, int status)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(443, backend, IPNetwork.Parse("127.0.0.0/8"));
        string said = scheme is null ? "" : $"X-Forwarded-Proto: {scheme}\r\n";
        Assert.StartsWith($"HTTP/1.1 {status} ", await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\n{said}Connection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_elses_word_for_https_counts()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await StartAsync(443, backend);
        Assert.StartsWith("HTTP/1.1 308 ", await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_switched_on_and_off_while_the_listener_stays()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        Assert.Equal("a", await lane.GetAsync());
        await lane.ApplyAsync(l => l with { RedirectToHttps = 443 });
        const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 308 ", await RawClient.ExchangeAsync(lane.Endpoint, Request), StringComparison.Ordinal);
        await lane.ApplyAsync(l => l with { RedirectToHttps = 0 });
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(lane.Endpoint, Request), StringComparison.Ordinal);
    }

    private Task<TestLane> StartAsync(int port, SampleBackend backend, params IPNetwork[] proxies) => TestLane.StartAsync(
        engine, new LaneOptions { TrustedProxies = [.. proxies], Listener = l => l with { RedirectToHttps = port, Hsts = TimeSpan.FromDays(1) } }, backend.Address);
}
