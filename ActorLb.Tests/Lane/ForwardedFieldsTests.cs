using System.Net;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Epoll;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What backends hear of their clients, and from whom.</summary>
public abstract class ForwardedFieldsTests(ListenerEngine engine)
{
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    private static readonly LaneOptions Trusting = new() { TrustedProxies = [Loopback] };

    private static readonly string[] Claims =
    [
        "Forwarded", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-User",
        "X-Forwarded-Client-Cert", "X-Real-IP", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL", "X-Client-IP", "True-Client-IP",
        "CF-Connecting-IP", "DO-Connecting-IP", "Remote-Addr", "Proxy", "X-Client-Verify", "Client-Cert", "Client-Cert-Chain", "X-SSL-Client-Verify", "Front-End-Https",
        "X-MS-Client-Principal", "X-Forward-Host", "WL-Proxy-SSL", "X-Auth-User", "X-Grafana-User", "X-WEBAUTH-EMAIL", "X-Proxy-User", "X-SSL-Subject",
        "X-Source-IP", "X-Script-Name", "HTTP-X-Forwarded-For",
    ];

    private static readonly string[] Spellings =
    [
        "X_Forwarded_For", "X-Forwarded_For", "x_forwarded_proto", "X_Forwarded_Host", "X_Forwarded_Whatever", "X_Real_IP", "Content_Length",
        "Transfer_Encoding", "X_Request_Id", "Client_Cert", "SSL_CLIENT_CERT", "Keep_Alive", "Proxy_Authorization",
        "X_MS_Client_Principal", "SCRIPT_NAME", "PATH_INFO", "HTTP_X_FORWARDED_FOR", "HTTP_HOST",
    ];

    [Theory]
    [InlineData("shop.example", "80")]
    [InlineData("shop.example:8443", "8443")]
    [InlineData("[::1]", "80")]
    [InlineData("[::1]:81", "81")]
    public async Task A_backend_learns_who_asked_for_which_host_and_port(string host, string port)
    {
        RecordedRequest seen = await SeenAsync(new LaneOptions(), "", host);

        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal(host, seen["X-Forwarded-Host"]);
        Assert.Equal(port, seen["X-Forwarded-Port"]);
    }

    [Fact]
    public async Task A_port_that_is_not_named_is_the_schemes_own() =>
        Assert.Equal("80", (await SeenAsync(new LaneOptions(), "", "shop.example:"))["X-Forwarded-Port"]);

    [Fact]
    public async Task What_a_stranger_says_of_forwarding_is_replaced_or_removed()
    {
        string fields = string.Concat(Claims.Concat(["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port"])
            .Select((name, i) => $"{(i % 2 == 0 ? name : name.ToLowerInvariant())}: evil\r\n"));

        RecordedRequest seen = await SeenAsync(new LaneOptions(), fields + fields);

        Assert.DoesNotContain("evil", seen.Head, StringComparison.Ordinal);
        Assert.Equal(("127.0.0.1", "http", "shop.example", "80"), Forwarded(seen));
        Assert.All(Claims, name => Assert.Empty(seen.Values(name)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_becomes_a_known_one_where_underscores_are_dashes_is_removed_whoever_sends_it(bool isTrusted)
    {
        string fields = string.Concat(Spellings.Select(name => $"{name}: evil\r\n"));

        RecordedRequest seen = await SeenAsync(isTrusted ? Trusting : new LaneOptions(), fields + "X_Mine: 1\r\nUser_Agent: 2\r\n__: 3\r\n");

        Assert.DoesNotContain("evil", seen.Head, StringComparison.Ordinal);
        Assert.Equal(("1", "2", "3"), (seen["X_Mine"], seen["User_Agent"], seen["__"]));
    }

    [Fact]
    public async Task What_a_trusted_proxy_says_once_stays_and_its_lists_are_appended_to()
    {
        string claims = string.Concat(Claims.Where(name => name != "Forwarded").Select(name => $"{name}: theirs\r\n"));
        RecordedRequest seen = await SeenAsync(
            Trusting,
            claims + "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outside.example\r\n"
            + "X-Forwarded-Port: 444\r\nForwarded: for=10.0.0.1;proto=https\r\nForwarded: for=10.0.0.2\r\n");

        Assert.Equal(("10.0.0.1, 10.0.0.2, 127.0.0.1", "https", "outside.example", "444"), Forwarded(seen));
        Assert.Equal("for=10.0.0.1;proto=https, for=10.0.0.2, for=127.0.0.1", seen["Forwarded"]);
        Assert.All(Claims.Where(name => name != "Forwarded"), name => Assert.Equal("theirs", seen[name]));
    }

    [Theory]
    [InlineData("", "http", "shop.example", "80")]
    [InlineData("X-Forwarded-Proto: https\r\n", "https", "shop.example", "443")]
    [InlineData("X-Forwarded-Proto: https, http\r\n", "https, http", "shop.example", "443")]
    [InlineData("X-Forwarded-Proto:\r\n", "http", "shop.example", "80")]
    [InlineData("X-Forwarded-Host: outside.example:8000\r\n", "http", "outside.example:8000", "8000")]
    [InlineData("X-Forwarded-Host: outside.example\r\nX-Forwarded-Proto: HTTPS\r\n", "HTTPS", "outside.example", "443")]
    [InlineData("Connection: X-Forwarded-Proto\r\nX-Forwarded-Proto: https\r\n", "http", "shop.example", "80")]
    public async Task What_a_trusted_proxy_leaves_out_is_said_for_it(string fields, string proto, string host, string port)
    {
        RecordedRequest seen = await SeenAsync(Trusting, fields);

        Assert.Equal(("127.0.0.1", proto, host, port), Forwarded(seen));
        Assert.Empty(seen.Values("Forwarded"));
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("HTTPS, http", true)]
    [InlineData("http", false)]
    [InlineData("http, https", false)]
    public async Task The_cookie_is_secure_where_a_trusted_proxy_says_that_its_client_came_by_TLS(string proto, bool secure)
    {
        Assert.Equal(secure, await IsCookieSecureAsync(Trusting, proto));
        Assert.False(await IsCookieSecureAsync(new LaneOptions(), proto));
    }

    private static (string For, string Proto, string Host, string Port) Forwarded(RecordedRequest seen) =>
        (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"], seen["X-Forwarded-Host"], seen["X-Forwarded-Port"]);

    private async Task<RecordedRequest> SeenAsync(LaneOptions options, string fields, string host = "shop.example")
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n");
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        return Assert.Single(backend.Take());
    }

    private async Task<bool> IsCookieSecureAsync(LaneOptions options, string proto)
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: {proto}\r\n\r\n");
        string head = (await client.ReadAnswerAsync()).Head;
        bool secure = head.Contains("; Secure\r\n", StringComparison.Ordinal);
        Assert.Contains(secure ? "Set-Cookie: __Secure-ALB=" : "Set-Cookie: ALB=", head, StringComparison.Ordinal);
        return secure;
    }
}
