using System.Collections.Concurrent;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>A client may leave at any moment, and the balancer has failed in none of them.</summary>
public abstract class LeavingClientTests(ListenerEngine engine)
{
    private const int Clients = 40;

    private const string Upgrade =
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    private const string Switched =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";

    [Theory]
    [InlineData(Upgrade, Switched)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n")]
    public async Task A_client_that_resets_while_its_answer_begins_is_no_failure_of_the_balancer(string request, string answer)
    {
        var errors = new Errors();
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(answer);
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loggers = errors }, backend.Address);

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync(request);

            // Some leave before the backend has answered, some while it does, some after.
            await TestLane.UntilAsync(() => backend.Requests > i / 2);
            client.Reset();
        }));

        await TestLane.UntilAsync(() => lane.Traffic(backend.Address) is { InFlight: 0, Tunnels: 0 });
        Assert.Empty(errors.Told);
    }

    [Fact]
    public async Task Who_hears_that_all_clients_have_gone_finds_given_back_what_they_took()
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int turn = 0; turn < 300; turn++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await client.ReadAnswerAsync();
            Task gone = lane.Group.Lanes.Single().Clients.AskToLeave();
            client.Dispose();

            await gone;

            Assert.Equal(0, lane.Plane.Connections.Open);
        }

        Assert.Equal(300, lane.Plane.Connections.Of(TestLane.ListenerName).Accepted);
    }

    private sealed class Errors : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Told { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                Told.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
