using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Epoll;
using ActorLb.Tests.ProxyProtocol;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Clients whom a proxy in front announces by the PROXY protocol.</summary>
public abstract class AnnouncedClientTests(ListenerEngine engine)
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private const string Line = "PROXY TCP4 192.0.2.7 203.0.113.9 56324 8443\r\n";

    private static readonly LaneOptions Accepting = new()
    {
        AcceptsProxyProtocol = true,
        TrustedProxies = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8")],
    };

    private static readonly byte[] Binary = BinaryHeaders.Of("[2001:db8::7]:56324", "[2001:db8::9]:8443");

    [Fact]
    public async Task Backends_hear_of_the_client_that_the_proxy_announces()
    {
        Assert.Equal("192.0.2.7", (await SeenAsync(Accepting, Line + Get))["X-Forwarded-For"]);
        RecordedRequest seen = await SeenAsync(Accepting, Encoding.Latin1.GetString(Binary) + Get);

        Assert.Equal(("2001:db8::7", "http", "80"), (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"], seen["X-Forwarded-Port"]));
    }

    [Fact]
    public async Task A_header_may_come_in_any_pieces_and_the_next_requests_are_of_the_same_client()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting, backend.Address);
        foreach (string header in (string[])[Line, Encoding.Latin1.GetString(Binary)])
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            foreach (char c in header + Get[..5])
            {
                await client.SendAsync($"{c}");
            }

            await client.SendAsync(Get[5..]);
            await client.ReadAnswerAsync();
            await client.SendAsync(Get);
            await client.ReadAnswerAsync();
        }

        Assert.Equal(["192.0.2.7", "192.0.2.7", "2001:db8::7", "2001:db8::7"], backend.Take().Select(r => r["X-Forwarded-For"]));
    }

    [Fact]
    public async Task A_request_that_names_no_host_is_for_the_port_to_which_the_client_came() =>
        Assert.Equal("8443", (await SeenAsync(Accepting, Line + "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))["X-Forwarded-Port"]);

    [Fact]
    public async Task A_client_that_speaks_TLS_to_the_proxy_is_secure()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.Stream.WriteAsync(BinaryHeaders.Of("192.0.2.7:1", "203.0.113.9:443", BinaryHeaders.Tls(1)));
        await client.SendAsync(Get);
        string head = (await client.ReadAnswerAsync()).Head;
        RecordedRequest seen = Assert.Single(backend.Take());

        Assert.Contains("; Secure\r\n", head, StringComparison.Ordinal);
        Assert.Equal(("https", "443"), (seen["X-Forwarded-Proto"], seen["X-Forwarded-Port"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_proxy_that_names_nobody_is_the_client_itself(bool isBinary)
    {
        string header = isBinary ? Encoding.Latin1.GetString(BinaryHeaders.Of(0x20, 0)) : "PROXY UNKNOWN\r\n";

        Assert.Equal("192.0.2.1, 127.0.0.1", (await SeenAsync(Accepting, header + WithClaim("192.0.2.1")))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task What_the_announced_client_says_of_forwarding_is_believed_where_it_is_a_trusted_proxy_itself()
    {
        Assert.Equal("192.0.2.7", (await SeenAsync(Accepting, Line + WithClaim("192.0.2.1")))["X-Forwarded-For"]);
        Assert.Equal(
            "192.0.2.1, 10.0.0.5", (await SeenAsync(Accepting, "PROXY TCP4 10.0.0.5 203.0.113.9 1 80\r\n" + WithClaim("192.0.2.1")))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task Who_is_no_trusted_proxy_comes_without_a_header_and_may_send_none()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting with { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] }, backend.Address);

        // A line of version 1 looks like that of a request, but for its version.
        Assert.StartsWith("HTTP/1.1 505 ", await RawClient.ExchangeAsync(lane.Endpoint, Line + Get), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await RawClient.ExchangeAsync(lane.Endpoint, Encoding.Latin1.GetString(Binary) + Get), StringComparison.Ordinal);
        Assert.Equal("ok", await lane.GetAsync());
        Assert.Equal("127.0.0.1", Assert.Single(backend.Take())["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData(Get, ProxyHeaderFault.Missing)]
    [InlineData("PROXY TCP4 192.0.2.07 203.0.113.9 1 80\r\n" + Get, ProxyHeaderFault.Line)]
    [InlineData("PROXY UNKNOWN                                                                                                      \r\n" + Get, ProxyHeaderFault.TooLong)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x11\x11", ProxyHeaderFault.Version)]
    [InlineData("PROXY TCP4 192", ProxyHeaderFault.Unfinished)]
    public async Task What_is_no_header_is_closed_without_a_word_counted_and_told_once(string sent, ProxyHeaderFault fault)
    {
        var lines = new Lines();
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting with { Loggers = lines }, backend.Address);
        for (int i = 1; i <= 2; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync(sent);
            client.Finish();

            Assert.Equal("", await client.ReadToEndAsync());
            await TestLane.UntilAsync(() => lane.Plane.ProxyHeaders[fault] == i);
        }

        Assert.Single(lines.All, l => l.StartsWith("127.0.0.1 does not begin a connection with a valid header of the PROXY protocol (", StringComparison.Ordinal));
        Assert.Empty(backend.Take());
        await TestLane.UntilAsync(() => Counts(lane).Open == 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4 ")]
    public async Task A_header_that_does_not_come_in_time_is_not_waited_for(string sent)
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting with { HeaderTimeout = TimeSpan.FromMilliseconds(200) }, backend.Address);

        Assert.Equal("", await RawClient.ExchangeAsync(lane.Endpoint, sent));
        await TestLane.UntilAsync(() => lane.Plane.ProxyHeaders[ProxyHeaderFault.Late] == 1);
    }

    [Fact]
    public async Task Who_only_looks_whether_somebody_is_there_has_done_nothing_wrong()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting, backend.Address);
        using (RawClient client = await RawClient.ConnectAsync(lane.Endpoint))
        {
            client.Finish();
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await TestLane.UntilAsync(() => Counts(lane).Open == 0);
        Assert.All(ProxyHeaderCounts.Faults, f => Assert.Equal(0, lane.Plane.ProxyHeaders[f.Fault]));
    }

    [Fact]
    public async Task Connections_count_for_the_announced_address_until_they_are_closed()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting with { ConnectionsPerAddressMax = 1 }, backend.Address);
        using (RawClient first = await AnnouncedAsync(lane, Line))
        using (RawClient other = await AnnouncedAsync(lane, "PROXY TCP4 192.0.2.8 203.0.113.9 1 80\r\n"))
        using (RawClient proxy = await AnnouncedAsync(lane, "PROXY UNKNOWN\r\n"))
        using (RawClient proxyAgain = await AnnouncedAsync(lane, "PROXY UNKNOWN\r\n"))
        {
            Assert.Equal("", await RawClient.ExchangeAsync(lane.Endpoint, Line + Get));
            Assert.Equal(1, Counts(lane).RefusedForAddress);
            await TestLane.UntilAsync(() => Counts(lane).Open == 4);
        }

        await TestLane.UntilAsync(() => Counts(lane).Open == 0);
        using RawClient again = await AnnouncedAsync(lane, Line);
    }

    [Fact]
    public async Task Routes_allow_and_deny_the_announced_address()
    {
        await using var backend = new RecordingBackend();
        LaneOptions options = Accepting with { Conditions = r => r with { Filters = new RouteFilterSettings { Deny = [IPNetwork.Parse("192.0.2.7/32")] } } };
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        using RawClient denied = await RawClient.ConnectAsync(lane.Endpoint);
        await denied.SendAsync(Line + Get);

        Assert.StartsWith("HTTP/1.1 403 ", (await denied.ReadAnswerAsync()).Head, StringComparison.Ordinal);
        using RawClient other = await AnnouncedAsync(lane, "PROXY TCP4 192.0.2.8 203.0.113.9 1 80\r\n");
    }

    [Fact]
    public async Task A_listener_that_changes_goes_by_its_setting_for_new_connections()
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting, backend.Address);
        using RawClient before = await AnnouncedAsync(lane, Line);

        await lane.ApplyAsync(l => l with { AcceptsProxyProtocol = false });
        Assert.Equal("ok", await lane.GetAsync());
        await before.SendAsync(Get);
        await before.ReadAnswerAsync();

        Assert.Equal(["192.0.2.7", "127.0.0.1", "192.0.2.7"], backend.Take().Select(r => r["X-Forwarded-For"]));
    }

    [Fact]
    public async Task A_client_stays_who_it_is_where_its_listener_goes_over_to_the_other_lane()
    {
        ListenerEngine other = engine == ListenerEngine.Epoll ? ListenerEngine.Kestrel : ListenerEngine.Epoll;
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, Accepting with { ConnectionsPerAddressMax = 1 }, backend.Address);
        using (RawClient before = await AnnouncedAsync(lane, Line))
        {
            await lane.ApplyAsync(l => l with { Engine = other });
            for (int i = 0; i < 2; i++)
            {
                await before.SendAsync(Get);
                await before.ReadAnswerAsync();
            }

            Assert.Equal("", await RawClient.ExchangeAsync(lane.Endpoint, Line + Get));
        }

        await TestLane.UntilAsync(() => Counts(lane).Open == 0);
        using RawClient after = await AnnouncedAsync(lane, Line);
        Assert.Equal(Enumerable.Repeat("192.0.2.7", 4), backend.Take().Select(r => r["X-Forwarded-For"]));
    }

    [Fact]
    public async Task A_stop_ends_connections_that_wait_for_their_header()
    {
        await using var backend = new RecordingBackend();
        TestLane lane = await TestLane.StartAsync(engine, Accepting, backend.Address);
        using RawClient silent = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient begun = await RawClient.ConnectAsync(lane.Endpoint);
        await begun.SendAsync("PROXY ");
        await TestLane.UntilAsync(() => Counts(lane).Open == 2);

        await lane.DisposeAsync();

        Assert.Equal(("", ""), (await silent.ReadToEndAsync(), await begun.ReadToEndAsync()));
        Assert.Equal(0, lane.Plane.Connections.Open);
    }

    private static string WithClaim(string client) => $"GET /x HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: {client}\r\n\r\n";

    private static ListenerConnections Counts(TestLane lane) => lane.Plane.Connections.Listeners.Single().Value;

    private static Task<RawClient> AnnouncedAsync(TestLane lane, string header) => AskedAsync(lane, header + Get);

    private static async Task<RawClient> AskedAsync(TestLane lane, string sent)
    {
        RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.SendAsync(sent);
        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        return client;
    }

    private async Task<RecordedRequest> SeenAsync(LaneOptions options, string sent)
    {
        await using var backend = new RecordingBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        using RawClient client = await AskedAsync(lane, sent);
        return Assert.Single(backend.Take());
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
