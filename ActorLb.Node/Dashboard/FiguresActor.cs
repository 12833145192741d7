using System.Collections.Immutable;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using Akka.Actor;

namespace ActorLb.Node.Dashboard;

/// <summary>Knows what is happening and what happened at this node, and asks the other nodes for the same when somebody looks.</summary>
internal sealed class FiguresActor : ReceiveActor, INodeActor
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly OwnFigures _figures;
    private readonly string _self;
    private MembershipChanged _membership;

    public FiguresActor(string self, OwnFigures figures, DashboardSessions sessions)
    {
        _figures = figures;
        _self = self;
        _membership = new MembershipChanged(_self, []);
        Receive<AskFigures>(_ => Sender.Tell(Own()));
        Receive<AskSlots>(m => Sender.Tell(_figures.Slots(m)));
        Receive<AskFailures>(m => Sender.Tell(_figures.Failures(m)));
        Receive<GatherFigures>(_ => Gather());
        Receive<GatherSlots>(m => Gather(m.Slots));
        Receive<GatherFailures>(m => Gather(m.Asked));
        Receive<DashboardSessionEnded>(m => sessions.End(m.Id, m.Ends));
        Receive<TellSessionEnded>(m => Tell(m.Ended));
        Receive<MembershipChanged>(m => _membership = m);
    }

    public static string Name => "figures";

    protected override void PreStart() => Context.FollowMembership();

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private FiguresAtNode Own() => _figures.Now([.. _membership.Members.Where(m => m.Name != _self).Select(m => new SeenMember(m.Name, m.Status, m.Reachable))]);

    private void Tell(DashboardSessionEnded ended)
    {
        foreach (NodeMember member in Reached())
        {
            Context.At<FiguresActor>(member.Address).Tell(ended);
        }
    }

    private void Gather()
    {
        NodeMember[] reached = Reached();
        GatherAsync(Own(), reached, Ask<FiguresAtNode>(reached, AskFigures.Instance), (nodes, silent) => new GatheredFigures(nodes, silent)).PipeTo(Sender);
    }

    private void Gather(AskSlots asked)
    {
        NodeMember[] reached = Reached();
        GatherAsync(_figures.Slots(asked), reached, Ask<SlotsAtNode>(reached, asked), (nodes, silent) => new GatheredSlots(asked, nodes, silent)).PipeTo(Sender);
    }

    private void Gather(AskFailures asked)
    {
        NodeMember[] reached = Reached();
        GatherAsync(_figures.Failures(asked), reached, Ask<FailuresAtNode>(reached, asked), (nodes, silent) => new GatheredFailures(nodes, silent)).PipeTo(Sender);
    }

    private NodeMember[] Reached() => [.. _membership.Members.Where(m => m.Name != _self && m is { MayServe: true, Reachable: true })];

    private static Task<T?>[] Ask<T>(NodeMember[] nodes, object question)
        where T : class => [.. nodes.Select(m => AskAsync<T>(Context.At<FiguresActor>(m.Address), question))];

    private static async Task<T?> AskAsync<T>(ActorSelection node, object question)
        where T : class
    {
        try
        {
            return await node.Ask<T>(question, AnswerTimeout);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static async Task<TAll> GatherAsync<T, TAll>(T own, NodeMember[] reached, Task<T?>[] asked, Func<ImmutableArray<T>, ImmutableArray<string>, TAll> all)
        where T : class
    {
        T?[] answers = await Task.WhenAll(asked);
        return all([own, .. answers.OfType<T>()], [.. reached.Where((_, i) => answers[i] is null).Select(m => m.Name)]);
    }
}
