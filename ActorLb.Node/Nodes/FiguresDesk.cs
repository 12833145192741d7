using ActorLb.Node.Admin;
using ActorLb.Node.Cluster;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Supervision;
using Akka.Actor;

namespace ActorLb.Node.Nodes;

/// <summary>Asks the control plane that runs now what happens at all nodes.</summary>
internal sealed class FiguresDesk(ControlPlane control, OwnFigures own, DashboardSessions sessions) : IFiguresDesk
{
    /// <summary>The other nodes' second, and some for the way.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    public async Task<GatheredFigures> NowAsync(CancellationToken cancellation)
    {
        try
        {
            return await control.AskAsync<FiguresActor, GatheredFigures>(GatherFigures.Instance, AnswerTimeout, cancellation);
        }
        catch (TimeoutException)
        {
            return new GatheredFigures([own.Now([])], []);
        }
    }

    public async Task<GatheredSlots> SlotsAsync(AskSlots asked, CancellationToken cancellation)
    {
        try
        {
            return await control.AskAsync<FiguresActor, GatheredSlots>(new GatherSlots(asked), AnswerTimeout, cancellation);
        }
        catch (TimeoutException)
        {
            return new GatheredSlots(asked, [own.Slots(asked)], []);
        }
    }

    public async Task<GatheredFailures> FailuresAsync(AskFailures asked, CancellationToken cancellation)
    {
        try
        {
            return await control.AskAsync<FiguresActor, GatheredFailures>(new GatherFailures(asked), AnswerTimeout, cancellation);
        }
        catch (TimeoutException)
        {
            return new GatheredFailures([own.Failures(asked)], []);
        }
    }

    public void End(DashboardSession session)
    {
        sessions.End(session.Id, session.Ends);
        control.System?.Own<FiguresActor>().Tell(new TellSessionEnded(new DashboardSessionEnded(session.Id, session.Ends)));
    }
}
