using System.Collections.Concurrent;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Engine.Kestrel;
using ActorLb.Engine.Lanes;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class LanePolicyTests
{
    private const string NoEpoll = "only Linux has epoll";

    private const string Plain = Reading.OnePool;

    private const string Calling = "pools.web { backends = [\"http://127.0.0.1:9001\"], protocol = http2 }";

    private const string Elsewhere = Plain + """

        pools.rpc { backends = ["http://127.0.0.1:9002"], protocol = http2 }
        listeners.rpc { bind = "127.0.0.1:0", http2 = cleartext }
        routes = [{ pool = web }, { path = "/rpc", listeners = [rpc], pool = rpc }]
        """;

    private const string Secured = "pools.web.backends = [\"https://127.0.0.1:9001\"]";

    private static readonly ListenerTlsSettings Tls = new(new CertificateSettings("cert.pfx", "", ""));

    [Theory]
    [InlineData(ListenerEngine.Auto, false, Plain, null, ListenerEngine.Epoll, null)]
    [InlineData(ListenerEngine.Epoll, false, Plain, null, ListenerEngine.Epoll, null)]
    [InlineData(ListenerEngine.Kestrel, false, Plain, null, ListenerEngine.Kestrel, "it asks for kestrel")]
    [InlineData(ListenerEngine.Auto, false, Plain, NoEpoll, ListenerEngine.Kestrel, NoEpoll)]
    [InlineData(ListenerEngine.Auto, true, Plain, null, ListenerEngine.Kestrel, "it speaks TLS")]
    [InlineData(ListenerEngine.Auto, false, Calling, null, ListenerEngine.Kestrel, "pool 'web' speaks HTTP/2 to its backends")]
    [InlineData(ListenerEngine.Auto, false, Elsewhere, null, ListenerEngine.Epoll, null)]
    [InlineData(ListenerEngine.Auto, false, Secured, null, ListenerEngine.Kestrel, "pool 'web' has backends with https")]
    public void A_listener_is_served_by_the_event_loops_where_it_can_be(
        ListenerEngine asked, bool tls, string pools, string? unavailable, ListenerEngine expected, string? why)
    {
        ListenerEngine engine = LanePolicy.Choose(Listener(asked, tls), Settings(pools).Topology, unavailable, out string? reason);

        Assert.Equal((expected, why), (engine, reason));
    }

    [Theory]
    [InlineData(false, Plain, NoEpoll, NoEpoll)]
    [InlineData(true, Plain, null, "it speaks TLS")]
    [InlineData(false, Secured, null, "pool 'web' has backends with https")]
    public void A_listener_that_asks_for_epoll_and_cannot_have_it_is_refused_with_the_reason(bool tls, string pools, string? unavailable, string why)
    {
        var refusal = Assert.Throws<LaneUnavailableException>(
            () => LanePolicy.Choose(Listener(ListenerEngine.Epoll, tls), Settings(pools).Topology, unavailable, out _));

        Assert.Equal($"listener 'http' cannot use engine = epoll: {why}", refusal.Message);
    }

    [Fact]
    public void A_node_whose_listener_cannot_have_its_engine_is_not_built()
    {
        var loggers = new Lines();

        var refusal = Assert.Throws<LaneUnavailableException>(() => Build(ListenerEngine.Epoll, Secured, loggers));

        Assert.Contains("'http'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ListenerEngine.Auto, Secured, true)]
    [InlineData(ListenerEngine.Kestrel, Secured, false)]
    public async Task Only_who_left_the_choice_to_us_is_told_what_it_was(ListenerEngine asked, string pools, bool told)
    {
        var loggers = new Lines();
        await using LaneGroup lanes = Build(asked, pools, loggers);

        await lanes.StartAsync(default);

        Assert.IsType<KestrelLane>(Assert.Single(lanes.Lanes));
        await lanes.StopAsync(default);
        string[] lines = [.. loggers.Written.Where(l => l.Contains("served by Kestrel", StringComparison.Ordinal))];
        Assert.Equal(told ? ["Listener http is served by Kestrel: pool 'web' has backends with https"] : [], lines);
    }

    private static ListenerSettings Listener(ListenerEngine engine, bool tls) =>
        Assert.Single(Settings(Plain).Topology.Listeners) with { Engine = engine, Tls = tls ? Tls : null };

    private static NodeSettings Settings(string pools) => Reading.Read(pools + "\nlisteners.http.bind = \"127.0.0.1:0\"").Settings!;

    private static LaneGroup Build(ListenerEngine engine, string pools, ILoggerFactory loggers)
    {
        NodeSettings settings = Settings(pools).With(t => t with { Listeners = [Listener(engine, tls: false)] });
        var plane = new DataPlane(settings, TimeProvider.System);
        return LaneGroup.Build(plane, new TrafficDirector(plane), new PassiveHealth(plane), settings, loggers);
    }

    /// <summary>Keeps what was logged.</summary>
    private sealed class Lines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
