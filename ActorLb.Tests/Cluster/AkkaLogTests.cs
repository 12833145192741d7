using System.Collections.Concurrent;
using ActorLb.Node.Cluster;
using ActorLb.Node.Cluster.Connections;
using Akka.Actor;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class AkkaLogTests : ILoggerProvider, ILogger
{
    private const string Coordinator =
        "[ERROR][…][akka://actorlb/system/sharding/sessionsCoordinator] sessions: The ShardCoordinator was unable to {0}: 2000 millis (retrying).";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string> _log = [];
    private readonly ConcurrentBag<string> _categories = [];
    private readonly ConcurrentBag<string> _sources = [];
    private readonly TaskCompletionSource<string> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("Cluster Node [a] - Marking node(s) as UNREACHABLE [b]. Node roles []")]
    [InlineData("Cluster Node [a] - Marking node as TERMINATED [b], due to quarantine. Node roles []. It must still be marked as down before it's removed.")]
    [InlineData("Received gossip where this member has been downed, from [b]")]
    [InlineData("heartbeat interval is growing too large for address b: 1345 millis")]
    public void What_membership_tells_Akka_does_not_tell_as_well(string text)
    {
        Told(text);
        Assert.Empty(_log);
    }

    [Fact]
    public void What_nobody_here_tells_is_passed_on()
    {
        Told("Cluster node [a] crashed");
        Assert.Equal("Warning Cluster node [a] crashed", Assert.Single(_log));
    }

    [Theory]
    [InlineData("update a distributed state within 'updating-state-timeout'")]
    [InlineData("get an initial state within 'waiting-for-state-timeout'")]
    public void A_coordinator_that_cannot_go_on_is_told_where_that_lasts_for_a_minute_and_then_once_a_minute(string what)
    {
        string text = Coordinator.Replace("{0}", what, StringComparison.Ordinal);
        using AkkaLog log = Log();
        ILogger akka = log.CreateLogger("Akka.Actor.ActorSystem");
        for (int second = 0; second < 181; second += 2)
        {
            akka.LogError("{Text}", text);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(3, _log.Count);
        Assert.StartsWith("Error For 60 s the owners of sessions cannot be assigned", _log[0], StringComparison.Ordinal);

        // It went on in between, and this is another death.
        _time.Advance(TimeSpan.FromMinutes(2));
        akka.LogError("{Text}", text);
        Assert.Equal(3, _log.Count);
    }

    [Fact]
    public void A_coordinator_that_failed_by_a_fault_is_passed_on()
    {
        Told("The ShardCoordinator was unable to update a distributed state x with error y and event z. Coordinator will be restarted");
        Assert.Single(_log);
    }

    [Fact]
    public void Late_heartbeats_are_told_once_a_minute_in_words_of_ours()
    {
        using AkkaLog log = Log();
        ILogger akka = log.CreateLogger("Akka.Actor.ActorSystem");
        const string text = "Cluster Node [a] - Scheduled sending of heartbeat was delayed. Previous heartbeat was sent [1345.25] ms ago, expected interval is [500] ms.";
        for (int i = 0; i < 61; i++)
        {
            akka.LogWarning("{Text}", text);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _log.Count);
        Assert.StartsWith("Warning This node was too busy to send its heartbeats for 1345 ms:", _log[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Akka_says_comes_through_the_same_log()
    {
        using AkkaLog log = Log();
        using ActorSystem system = ActorSystem.Create(
            "spoken",
            BootstrapSetup.Create()
                .WithConfig("akka { loglevel = WARNING, loggers = [\"Akka.Hosting.Logging.LoggerFactoryLogger, Akka.Hosting\"] }")
                .And(new LoggerFactorySetup(log)));
        Akka.Event.LoggingExtensions.Warning(Akka.Event.Logging.GetLogger(system, typeof(Akka.Remote.RemoteActorRef)), "{0} is gone", "somebody");
        Assert.EndsWith("somebody is gone", await _told.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        Assert.Contains("Akka.Actor.ActorSystem", _categories);
        Assert.Contains("RemoteActorRef", Assert.Single(_sources), StringComparison.Ordinal);
        await system.Terminate();
    }

    private AkkaLog Log() => new(
        LoggerFactory.Create(b => b.AddProvider(this)), new RefusedPeers(_time, NullLogger<RefusedPeers>.Instance), _time);

    private void Told(string text)
    {
        using AkkaLog log = Log();
        log.CreateLogger("Akka.Actor.ActorSystem").LogWarning("{Text}", text);
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName)
    {
        _categories.Add(categoryName);
        return this;
    }

    void IDisposable.Dispose()
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Information)
        {
            string text = $"{logLevel} {formatter(state, exception)}";
            _log.Add(text);
            if (state is IEnumerable<KeyValuePair<string, object?>> fields && fields.FirstOrDefault(f => f.Key == "LogSource").Value is { } source)
            {
                _sources.Add($"{source}");
            }

            _told.TrySetResult(text);
        }
    }

    [Theory]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.tcp.0/akkaProtocol-tcp%3A%2F%2Factorlb%40127.0.0.1%3A42534-201", "127.0.0.1")]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.ssl.tcp.0/akkaProtocol-ssl.tcp%3A%2F%2Factorlb%40%5B2001%3Adb8%3A%3A1%5D%3A8110-3", "[2001:db8::1]")]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.tcp.0", null)]
    [InlineData("akka://actorlb/user/discovery", null)]
    [InlineData("[ERROR][Thread 7][akka://actorlb/system/transports/akkaprotocolmanager.tcp.0/akkaProtocol-tcp%3A%2F%2Factorlb%40127.0.0.1%3A39352-1948] Error: [x:1]", "127.0.0.1")]
    [InlineData("", null)]
    public void The_peer_of_a_connection_is_read_from_its_actors_name(string text, string? peer) => Assert.Equal(peer, AkkaLog.PeerOf(text));
}
