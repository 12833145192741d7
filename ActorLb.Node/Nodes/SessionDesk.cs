using ActorLb.Node.Admin;
using ActorLb.Node.Cluster;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;

namespace ActorLb.Node.Nodes;

/// <summary>Takes changes of sessions to the control plane that runs now.</summary>
internal sealed class SessionDesk(ControlPlane control) : ISessionDesk
{
    /// <summary>The other nodes' second, and some for the way.</summary>
    private static readonly TimeSpan FindTimeout = TimeSpan.FromSeconds(3);

    /// <summary>An owner's second, the majority's three, and some for the way.</summary>
    private static readonly TimeSpan DecisionTimeout = TimeSpan.FromSeconds(6);

    public Task<SessionSought> FindAsync(SeekSession find, CancellationToken cancellation) =>
        control.AskAsync<SessionDecisionsActor, SessionSought>(find, FindTimeout, cancellation);

    public Task<SessionDecided> EndAsync(EndSession end, CancellationToken cancellation) =>
        control.AskAsync<SessionDecisionsActor, SessionDecided>(end, DecisionTimeout, cancellation);

    public Task<SessionDecided> MoveAsync(MoveSessionTo move, CancellationToken cancellation) =>
        control.AskAsync<SessionDecisionsActor, SessionDecided>(move, DecisionTimeout, cancellation);

    public Task<SessionRates> RatesAsync(CancellationToken cancellation) =>
        control.AskAsync<SessionRatesActor, SessionRates>(GatherSessionRates.Instance, FindTimeout, cancellation);
}
