using ActorLb.Tests.Cluster;
using System.Collections.Concurrent;
using ActorLb.Node.Supervision;
using ActorLb.Tests.Health;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Supervision;

public sealed class NodeSupervisorActorTests : ActorTest
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Faults _faults = new();

    [Fact]
    public async Task An_actor_that_fails_at_a_message_starts_anew_under_its_reference_and_loses_that_message_alone()
    {
        IActorRef actor = Start();
        actor.Tell("fail", TestActor);
        actor.Tell("next", TestActor);
        Assert.Equal("re: next", await ExpectMsgAsync<string>());
        Assert.Same(actor, Sys.Own<Failing>());
        Assert.Null(_time.NextRing);
    }

    [Fact]
    public async Task An_actor_that_cannot_start_is_tried_again_until_it_can_and_has_all_that_came_meanwhile()
    {
        _faults.AtStart = 3;
        IActorRef actor = Start();
        for (int i = 1; i <= 5; i++)
        {
            actor.Tell(i, TestActor);
        }

        await PausesAsync(RestartState.FirstPause);
        await PausesAsync(2 * RestartState.FirstPause);
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal($"re: {i}", await ExpectMsgAsync<string>());
        }
    }

    [Fact]
    public async Task An_actor_that_fails_at_a_message_and_then_at_its_start_comes_back_as_well()
    {
        IActorRef actor = Start();
        actor.Tell("first", TestActor);
        await ExpectMsgAsync<string>();
        _faults.AtStart = 2;
        actor.Tell("fail", TestActor);
        actor.Tell("next", TestActor);
        await PausesAsync(RestartState.FirstPause);
        await PausesAsync(2 * RestartState.FirstPause);
        Assert.Equal("re: next", await ExpectMsgAsync<string>());
    }

    [Fact]
    public async Task One_that_is_killed_comes_back()
    {
        IActorRef actor = Start();
        actor.Tell(Kill.Instance);
        actor.Tell("next", TestActor);
        Assert.Equal("re: next", await ExpectMsgAsync<string>());
    }

    [Fact]
    public async Task Others_go_on_while_one_waits()
    {
        _faults.AtStart = 2;
        Start();
        IActorRef other = this.StartNodeActor<Other>(Props.Create(() => new Other(new Faults())));
        await Eventually(() => _time.NextRing is not null);
        other.Tell("hello", TestActor);
        Assert.Equal("re: hello", await ExpectMsgAsync<string>());
    }

    [Fact]
    public async Task An_actor_below_one_of_the_node_comes_back_in_the_same_way()
    {
        IActorRef parent = this.StartNodeActor<Parent>(Props.Create(() => new Parent(_faults)), new QueueLoggers(_log), _time);
        _faults.AtStart = 1;
        parent.Tell("hello", TestActor);
        Assert.Equal("re: hello", await ExpectMsgAsync<string>());
    }

    [Fact]
    public async Task A_failure_that_lasts_is_told_twice()
    {
        _faults.AtStart = 20;
        Start();
        for (int failures = 2; failures <= 20; failures++)
        {
            await PausesAsync(new RestartState(failures, default).Pause);
        }

        await Eventually(() => _time.NextRing is null);
        Assert.Collection(
            _log.Where(l => l.Contains("/user/node/failing", StringComparison.Ordinal)),
            first => Assert.Contains("the disk is away", first, StringComparison.Ordinal),
            second => Assert.Contains("8 times in a row", second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_waits_ends_with_its_system()
    {
        _faults.AtStart = 2;
        Start();
        await Eventually(() => _time.NextRing is not null);
        await Sys.Terminate();
        _time.Advance(RestartState.PauseMax);
    }

    private IActorRef Start() =>
        this.StartNodeActor<Failing>(Props.Create(() => new Failing(_faults)), new QueueLoggers(_log), _time);

    /// <summary>It waits for so long, and then tries again.</summary>
    private async Task PausesAsync(TimeSpan pause)
    {
        await Eventually(() => _time.NextRing == pause);
        _time.Advance(pause);
    }

    private Task Eventually(Func<bool> condition) => AwaitConditionAsync(() => Task.FromResult(condition()), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5));

    /// <summary>How often an actor still fails to start.</summary>
    private sealed class Faults
    {
        private int _atStart;

        public int AtStart
        {
            set => Volatile.Write(ref _atStart, value);
        }

        public void Begin()
        {
            if (Interlocked.Decrement(ref _atStart) >= 0)
            {
                throw new IOException("the disk is away");
            }
        }
    }

    private class Failing : ReceiveActor, INodeActor
    {
        public Failing(Faults faults)
        {
            faults.Begin();
            ReceiveAny(message =>
            {
                if (message is "fail")
                {
                    throw new InvalidOperationException("it cannot do that");
                }

                Sender.Tell($"re: {message}");
            });
        }

        public static string Name => "failing";
    }

    private sealed class Other(Faults faults) : Failing(faults), INodeActor
    {
        public static new string Name => "other";
    }

    private sealed class Parent : ReceiveActor, INodeActor
    {
        private readonly Faults _faults;

        public Parent(Faults faults)
        {
            _faults = faults;
            ReceiveAny(message => Child().Forward(message));
        }

        public static string Name => "parent";

        private IActorRef Child()
        {
            Faults faults = _faults;
            return Context.ActorOf(Props.Create(() => new Failing(faults)));
        }
    }

    private sealed class QueueLoggers(ConcurrentQueue<string> lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
