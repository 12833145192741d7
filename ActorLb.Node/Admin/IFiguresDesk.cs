using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>What is happening and what happened, over all nodes.</summary>
internal interface IFiguresDesk
{
    /// <summary>Without a control plane: this node alone.</summary>
    Task<GatheredFigures> NowAsync(CancellationToken cancellation);

    /// <inheritdoc cref="NowAsync"/>
    Task<GatheredSlots> SlotsAsync(AskSlots asked, CancellationToken cancellation);

    /// <inheritdoc cref="NowAsync"/>
    Task<GatheredFailures> FailuresAsync(AskFailures asked, CancellationToken cancellation);

    /// <summary>Somebody logged out: all nodes that can be reached hear it.</summary>
    void End(DashboardSession session);
}
