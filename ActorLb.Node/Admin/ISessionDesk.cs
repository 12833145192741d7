using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;

namespace ActorLb.Node.Admin;

/// <summary>Where changes of single sessions are taken to; the control plane stands behind it.</summary>
internal interface ISessionDesk
{
    /// <summary>What the nodes know of a session; who does not answer within a second is named.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer.</exception>
    Task<SessionSought> FindAsync(SeekSession find, CancellationToken cancellation);

    /// <summary>Answers when a majority keeps it and every node that can be reached goes by it, or says who does not.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer: whether it is decided is not known.</exception>
    Task<SessionDecided> EndAsync(EndSession end, CancellationToken cancellation);

    /// <inheritdoc cref="EndAsync"/>
    Task<SessionDecided> MoveAsync(MoveSessionTo move, CancellationToken cancellation);

    /// <summary>What became of sessions in the last minute, over all nodes that answer within a second.</summary>
    /// <exception cref="TimeoutException">The control plane did not answer.</exception>
    Task<SessionRates> RatesAsync(CancellationToken cancellation);
}
