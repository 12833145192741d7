using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Sessions.Rates;

/// <summary>Knows what became of sessions at this node in the last minute, and asks the other nodes for theirs.</summary>
internal sealed class SessionRatesActor : ReceiveActor, INodeActor, IWithTimers
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly string _self;
    private SessionRatesState _state = SessionRatesState.Empty;
    private MembershipChanged _membership;

    public SessionRatesActor(DataPlane plane)
    {
        _plane = plane;
        _self = plane.Settings.Name;
        _membership = new MembershipChanged(_self, []);
        Receive<Tick>(_ => Sample());
        Receive<AskSessionRates>(_ => Sender.Tell(Own()));
        Receive<GatherSessionRates>(_ => Gather());
        Receive<MembershipChanged>(m => _membership = m);
    }

    public static string Name => "session-rates";

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.FollowMembership();
        Sample();
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, SampleInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Sample() => _state = _state.Sampled(_plane.Clock.Monotonic, Totals());

    private IEnumerable<KeyValuePair<BackendName, ImmutableArray<long>>> Totals()
    {
        foreach (BackendName backend in _plane.Traffic.Keys)
        {
            if (_plane.Traffic.TryGetValue(backend, out BackendTraffic? traffic) && traffic.Sessions.Totals() is { } totals)
            {
                yield return KeyValuePair.Create(backend, ImmutableCollectionsMarshal.AsImmutableArray(totals));
            }
        }

        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            if (table.OfGone.Totals() is { } totals)
            {
                yield return KeyValuePair.Create(new BackendName(pool, ""), ImmutableCollectionsMarshal.AsImmutableArray(totals));
            }
        }
    }

    private SessionRatesAtNode Own()
    {
        (TimeSpan window, ImmutableDictionary<BackendName, ImmutableArray<long>> counts) = _state.Since(_plane.Clock.Monotonic, Totals());
        return new SessionRatesAtNode(
            _self, window, [.. counts.Where(c => c.Value.Any(n => n > 0)).Select(c => new SessionsOfBackend(c.Key, c.Value))]);
    }

    private void Gather()
    {
        NodeMember[] others = [.. _membership.Members.Where(m => m.Name != _self && m.MayServe)];
        NodeMember[] reached = [.. others.Where(m => m.Reachable)];
        Task<SessionRatesAtNode?>[] asked = [.. reached.Select(m => AskAsync(Context.At<SessionRatesActor>(m.Address)))];
        GatherAsync(Own(), [.. reached.Select(m => m.Name)], asked, [.. others.Except(reached).Select(m => m.Name)]).PipeTo(Sender);
    }

    private static async Task<SessionRatesAtNode?> AskAsync(ActorSelection node)
    {
        try
        {
            return await node.Ask<SessionRatesAtNode>(AskSessionRates.Instance, AnswerTimeout);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static async Task<SessionRates> GatherAsync(
        SessionRatesAtNode own, string[] reached, Task<SessionRatesAtNode?>[] asked, string[] unreachable)
    {
        SessionRatesAtNode?[] answers = await Task.WhenAll(asked);
        return new SessionRates(
            [own, .. answers.OfType<SessionRatesAtNode>()],
            [.. reached.Where((_, i) => answers[i] is null).Concat(unreachable).Order(StringComparer.Ordinal)]);
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
