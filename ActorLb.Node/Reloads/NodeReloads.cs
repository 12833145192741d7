using System.Collections.Immutable;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cluster;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using ActorLb.Node.Topologies;
using Akka.Actor;

namespace ActorLb.Node.Reloads;

/// <summary>Reloads of this node and, through the cluster, of the others. Without a control plane the others are silent.</summary>
internal sealed class NodeReloads(ConfigurationReload own, LiveTopology live, ControlPlane control, SessionClock clock, string name) : IReloads
{
    /// <summary>Reading files with many certificates takes its time; the answer of the admin API has ten seconds.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(8);

    /// <summary>What is in force is in memory.</summary>
    private static readonly TimeSpan CompareTimeout = TimeSpan.FromSeconds(3);

    public ReloadStatus Status => own.Status;

    public async Task<ReloadReport> ReloadAsync(bool isTrial, string who, CancellationToken cancellation) =>
        (await own.ReloadAsync(ReloadCause.Request, isTrial, who, cancellation)).ByAgreedTime(clock);

    public async Task<ImmutableArray<ReloadReport>> ReloadAllAsync(bool isTrial, string who, CancellationToken cancellation)
    {
        NodeMember[] others = [.. control.Membership.Members.Where(m => m.Name != name && m.Status is not ("down" or "removed"))];
        ActorSystem? system = control.System;
        var ask = new ReloadFiles(isTrial) { Who = $"{who} at {name}" };
        Task<ReloadReport>[] answers =
        [
            ReloadAsync(isTrial, who, cancellation),
            .. others.Select(o => system is null ? Task.FromResult(Silent(o)) : AskAsync(system, o, ask, cancellation)),
        ];
        return [.. await Task.WhenAll(answers)];
    }

    public async Task<ImmutableArray<NodeComparison>> CompareAsync(CancellationToken cancellation)
    {
        NodeMember[] others = [.. control.Membership.Members.Where(m => m.Name != name && m.Status is not ("down" or "removed"))];
        ActorSystem? system = control.System;
        TopologyState state = live.State;
        ImmutableArray<SettingTree> parts = await Task.Run(() => SharedParts.Of(state), cancellation);
        var ask = new AskParts([.. parts.Select(SharedParts.MarkOf)]);
        return [.. await Task.WhenAll(others.Select(async member =>
        {
            if (!member.Reachable || system is null)
            {
                return NodeComparison.Without(member.Name, ComparisonOutcome.Unreachable);
            }

            try
            {
                PartsTold told = await system.At<ReloadActor>(member.Address).Ask<PartsTold>(ask, CompareTimeout, cancellation);
                return told.Against(parts, state.Fingerprint) with { Node = member.Name };
            }
            catch (Exception e) when (e is AskTimeoutException or InvalidCastException or ArgumentException)
            {
                return NodeComparison.Without(member.Name, ComparisonOutcome.Silent);
            }
        }))];
    }

    private static async Task<ReloadReport> AskAsync(ActorSystem system, NodeMember member, ReloadFiles ask, CancellationToken cancellation)
    {
        try
        {
            FilesReloaded answer = await system.At<ReloadActor>(member.Address)
                .Ask<FilesReloaded>(ask, AnswerTimeout, cancellation);
            return answer.Report with { Node = member.Name };
        }
        catch (Exception e) when (e is AskTimeoutException or InvalidCastException or ArgumentException)
        {
            return Silent(member);
        }
    }

    private static ReloadReport Silent(NodeMember member) => new(member.Name, ReloadOutcome.Silent, default, 0, 0);
}
