using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class FormationStateTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan FormAfter = TimeSpan.FromSeconds(2);
    private static readonly HostPort A = new("10.0.0.1", 8110);
    private static readonly HostPort B = new("10.0.0.2", 8110);
    private static readonly HostPort C = new("10.0.0.3", 8110);

    [Fact]
    public void A_node_that_knows_only_itself_forms_at_once()
    {
        Assert.True(FormationState.Of(A, [], Start, FormAfter).Next(Start).Forms);
        Assert.True(FormationState.Of(A, [A], Start, FormAfter).Next(Start).Forms);
    }

    [Fact]
    public void The_lowest_forms_at_once_when_all_have_answered()
    {
        FormationState lowest = FormationState.Of(A, [A, B, C], Start, FormAfter).Heard(Looks(B));
        Assert.False(lowest.Next(Start).Forms);
        Assert.True(lowest.Heard(Looks(C)).Next(Start).Forms);

        FormationState second = FormationState.Of(B, [A, B, C], Start, FormAfter).Heard(Looks(A)).Heard(Looks(C));
        Assert.Equal(FormationStep.Wait, second.Next(Start + FormAfter + FormAfter));
    }

    [Fact]
    public void Who_does_not_answer_is_waited_for_no_longer_than_form_after()
    {
        FormationState second = FormationState.Of(B, [A, B, C], Start, FormAfter).Heard(Looks(C));
        Assert.False(second.Next(Start + FormAfter - TimeSpan.FromTicks(1)).Forms);
        Assert.True(second.Next(Start + FormAfter).Forms);
        Assert.True(FormationState.Of(C, [A, B], Start, FormAfter).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void One_that_fell_silent_is_no_longer_the_lowest()
    {
        FormationState state = FormationState.Of(B, [A], Start, FormAfter).Heard(Looks(A));
        Assert.Equal(FormationStep.Wait, state.Next(Start + FormAfter));
        Assert.True(state.Silent(A).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void A_cluster_is_joined_whoever_is_in_it_and_at_once()
    {
        FormationStep step = FormationState.Of(A, [A, B, C], Start, FormAfter).Heard(Is(C, (C, 5), (B, 6))).Next(Start);
        Assert.False(step.Forms);
        Assert.Equal([B, C], step.Join.ToArray());
    }

    [Fact]
    public void Of_several_clusters_the_best_is_joined()
    {
        FormationState state = FormationState.Of(A, [B, C], Start, FormAfter).Heard(Is(B, (B, 2))).Heard(Is(C, (C, 1)));
        Assert.Equal([C], state.Next(Start).Join.ToArray());
        Assert.Equal([B, new HostPort("z", 1)], state.Heard(Is(B, (B, 2), (new HostPort("z", 1), 3))).Next(Start).Join.ToArray());
    }

    [Fact]
    public void While_somebody_joins_or_forms_nobody_else_forms()
    {
        FormationState state = FormationState.Of(A, [A, B], Start, FormAfter).Heard(new ClusterReport(B, Standing.Joining, ClusterView.Of([])));
        Assert.Equal(FormationStep.Wait, state.Next(Start + FormAfter + FormAfter));
        Assert.True(state.Heard(Looks(B)).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void A_restarted_node_joins_through_the_others_that_still_count_its_life_before()
    {
        FormationState state = FormationState.Of(A, [A, B], Start, FormAfter).Heard(Is(B, (A, 1), (B, 2)));
        Assert.Equal([B], state.Next(Start).Join.ToArray());
    }

    [Fact]
    public void A_node_that_asks_is_known_from_then_on()
    {
        FormationState state = FormationState.Of(B, [B], Start, FormAfter).Heard(Looks(A));
        Assert.Contains(A, state.Others);
        Assert.Equal(FormationStep.Wait, state.Next(Start));
    }

    internal static ClusterReport Looks(HostPort address) => new(address, Standing.Looking, ClusterView.Of([]));

    internal static ClusterReport Is(HostPort address, params (HostPort Address, long Since)[] members) =>
        new(address, Standing.Member, ClusterView.Of(members.Select(m => new ClusterMember(m.Address, (int)m.Since, m.Since))));
}
