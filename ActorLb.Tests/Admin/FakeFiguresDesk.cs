using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Admin;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Tokens;

namespace ActorLb.Tests.Admin;

/// <summary>What the nodes would say of what happens.</summary>
internal sealed class FakeFiguresDesk : IFiguresDesk
{
    public GatheredFigures Now { get; set; } = new([new FiguresAtNode("node-1", "0.1.0", "", DateTimeOffset.UnixEpoch, 0, 0, 0, [], [], [])], []);

    public Func<AskSlots, GatheredSlots> Slots { get; set; } = asked => new GatheredSlots(asked, [], []);

    public DashboardSessions? Sessions { get; set; }

    /// <summary>Where nobody logs in.</summary>
    public static DashboardSessions NoSessions(DataPlane plane) => new(plane.Settings.Cluster, new AdminTokens(plane.Settings.Admin), () => plane.Clock.UtcNow);

    /// <summary>Called with each question.</summary>
    public Action OnNow { get; set; } = static () => { };

    public Task<GatheredFigures> NowAsync(CancellationToken cancellation)
    {
        OnNow();
        return Task.FromResult(Now);
    }

    public Task<GatheredSlots> SlotsAsync(AskSlots asked, CancellationToken cancellation) => Task.FromResult(Slots(asked));

    public ImmutableArray<FailuresAtNode> Failures { get; set; } = [];

    public Task<GatheredFailures> FailuresAsync(AskFailures asked, CancellationToken cancellation) => Task.FromResult(new GatheredFailures(Failures, []));

    public void End(DashboardSession session) => Sessions?.End(session.Id, session.Ends);
}
