using System.Collections.Immutable;
using ActorLb.Tests.Cluster;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch.SysMsg;
using Akka.Serialization;
using Xunit;

namespace ActorLb.Tests.Wire;

/// <summary>An actor system with Akka's default settings, in which anything may be sent, sends to one of our nodes.</summary>
public sealed class ForeignSystemTests : IAsyncLifetime
{
    private static int s_intruders;

    private readonly TestNode _node = TestNode.Alone("target");
    private ActorSystem _foreign = null!;
    private IActorRef _greeter = null!;

    private string Target => $"akka.tcp://actorlb@{_node.Address}";

    public async Task InitializeAsync()
    {
        await _node.StartAsync();
        _foreign = ActorSystem.Create("foreign", Foreign());
        _greeter = await _foreign.ActorSelection($"{Target}/user/greeter").ResolveOne(TimeSpan.FromSeconds(30));
    }

    public async Task DisposeAsync()
    {
        await _foreign.Terminate();
        await _node.DisposeAsync();
    }

    [Fact]
    public Task Json_is_refused() => RefusedAsync(() => _greeter.Tell(new Parcel("x")));

    [Fact]
    public Task Json_in_a_selection_is_refused() =>
        RefusedAsync(() => _foreign.ActorSelection($"{Target}/user/greeter").Tell(new Parcel("x")));

    [Fact]
    public Task A_failure_with_its_exception_is_refused() =>
        RefusedAsync(() => _greeter.Tell(new Status.Failure(new InvalidOperationException("x"))));

    [Fact]
    public Task Bytes_are_refused() => RefusedAsync(() => _greeter.Tell(new byte[] { 1, 2, 3 }));

    [Fact]
    public Task A_poison_pill_is_refused() => RefusedAsync(() => _greeter.Tell(PoisonPill.Instance));

    [Fact]
    public Task A_selection_of_all_actors_is_refused() =>
        RefusedAsync(() => _foreign.ActorSelection($"{Target}/user/*").Tell(new Greeting("all")));

    [Fact]
    public Task Commands_of_a_supervisor_are_refused() =>
        RefusedAsync(() => ((IInternalActorRef)_greeter).SendSystemMessage(new Suspend()));

    [Fact]
    public async Task Nobody_deploys_an_actor_here()
    {
        Address node = Address.Parse(Target);
        await RefusedAsync(() => _foreign.ActorOf(
            Props.Create<Intruder>().WithDeploy(Deploy.None.WithScope(new RemoteScope(node))), "intruder"));
        Assert.Equal(0, Volatile.Read(ref s_intruders));
    }

    private async Task RefusedAsync(Action send)
    {
        long before = _node.ControlPlane.Refusals.Count;
        send();
        await Eventually.Holds(() => _node.ControlPlane.Refusals.Count > before, () => $"{_node} refuses");

        // A refused command of a supervisor costs the connection: the first greetings after it may be lost with it.
        Greeting? answer = null;
        for (int i = 0; answer is null && i < 20; i++)
        {
            try
            {
                answer = await _greeter.Ask<Greeting>(new Greeting($"hello {i}"), TimeSpan.FromSeconds(3));
            }
            catch (AskTimeoutException)
            {
                // Lost; say it again.
            }
        }

        Assert.StartsWith("re: hello", answer?.Text, StringComparison.Ordinal);
        Assert.All(_node.Received, m => Assert.StartsWith("hello", Assert.IsType<Greeting>(m).Text, StringComparison.Ordinal));
        Assert.Contains(_node.Log, l => l.Contains("Refused on the wire", StringComparison.Ordinal));
        Assert.DoesNotContain(_node.Log, l => l.Contains("Deserialization failed", StringComparison.Ordinal));
        Assert.Equal(0, _node.ControlPlane.Restarts);
    }

    private static ActorSystemSetup Foreign()
    {
        var settings = BootstrapSetup.Create().WithConfig(
            """
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            akka.remote.retry-gate-closed-for = 1s
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            """);
        return settings.And(SerializationSetup.Create(system =>
            ImmutableHashSet.Create(SerializerDetails.Create("greetings", new GreetingSerializer(system), [typeof(Greeting)]))));
    }

    private sealed record Parcel(string Content);

    private sealed class Intruder : ReceiveActor
    {
        public Intruder() => Interlocked.Increment(ref s_intruders);
    }
}
