using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class FormationStateTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan FormAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PartAfter = TimeSpan.FromSeconds(11);
    private static readonly HostPort A = new("10.0.0.1", 8110);
    private static readonly HostPort B = new("10.0.0.2", 8110);
    [Fact]
    public void Nobody_forms_a_cluster_before_the_name_was_looked_up_or_the_time_is_over()
    {
        FormationState state = FormationState.Of(A, [], Start, FormAfter, PartAfter).Named(1);
        Assert.False(state.Next(Start).Forms);
        Assert.True(state.Next(Start + FormAfter).Forms);
        Assert.True(state.Found([A]).Next(Start).Forms);
        Assert.False(state.Found([A, B]).Next(Start).Forms);
        Assert.True(state.Found([A, B]).Heard(Looks(B)).Next(Start).Forms);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_cluster_is_formed_by_as_many_as_are_required(int required, bool forms)
    {
        FormationState state = FormationState.Of(A, [], Start, FormAfter, PartAfter).Named(required).Found([A, B, C]).Heard(Looks(B)).Silent(C);
        Assert.Equal(forms, state.Next(Start + FormAfter).Forms);
        Assert.True(state.Heard(Looks(C)).Next(Start + FormAfter).Forms);
    }

    private static readonly HostPort C = new("10.0.0.3", 8110);

    [Fact]
    public void A_node_that_knows_only_itself_forms_at_once()
    {
        Assert.True(FormationState.Of(A, [], Start, FormAfter, PartAfter).Next(Start).Forms);
        Assert.True(FormationState.Of(A, [A], Start, FormAfter, PartAfter).Next(Start).Forms);
    }

    [Fact]
    public void The_lowest_forms_at_once_when_all_have_answered()
    {
        FormationState lowest = FormationState.Of(A, [A, B, C], Start, FormAfter, PartAfter).Heard(Looks(B));
        Assert.False(lowest.Next(Start).Forms);
        Assert.True(lowest.Heard(Looks(C)).Next(Start).Forms);

        FormationState second = FormationState.Of(B, [A, B, C], Start, FormAfter, PartAfter).Heard(Looks(A)).Heard(Looks(C));
        Assert.Equal(FormationStep.Wait, second.Next(Start + FormAfter + FormAfter));
    }

    [Fact]
    public void Who_does_not_answer_is_waited_for_no_longer_than_form_after()
    {
        FormationState second = FormationState.Of(B, [A, B, C], Start, FormAfter, PartAfter).Heard(Looks(C));
        Assert.False(second.Next(Start + FormAfter - TimeSpan.FromTicks(1)).Forms);
        Assert.True(second.Next(Start + FormAfter).Forms);
        Assert.True(FormationState.Of(C, [A, B], Start, FormAfter, PartAfter).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void One_that_fell_silent_is_no_longer_the_lowest()
    {
        FormationState state = FormationState.Of(B, [A], Start, FormAfter, PartAfter).Heard(Looks(A));
        Assert.Equal(FormationStep.Wait, state.Next(Start + FormAfter));
        Assert.True(state.Silent(A).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void A_cluster_is_joined_whoever_is_in_it_and_at_once()
    {
        FormationStep step = FormationState.Of(A, [A, B, C], Start, FormAfter, PartAfter)
            .Heard(Is(C, (C, 5), (B, 6))).Heard(Is(B, (B, 6))).Next(Start);
        Assert.False(step.Forms);
        Assert.Equal([B, C], step.Join.ToArray());
    }

    [Fact]
    public void The_first_answer_is_not_joined_while_others_may_be_in_a_better_cluster()
    {
        FormationState state = FormationState.Of(A, [B, C], Start, FormAfter, PartAfter).Heard(Is(B, (B, 2)));
        Assert.Equal(FormationStep.Wait, state.Next(Start + FormAfter - TimeSpan.FromTicks(1)));
        Assert.Equal([B], state.Next(Start + FormAfter).Join.ToArray());
        Assert.Equal([B], state.Silent(C).Next(Start).Join.ToArray());

        var z = new HostPort("z", 1);
        FormationState larger = state.Heard(Is(C, (C, 3), (z, 4)));
        Assert.Equal(FormationStep.Wait, larger.Silent(z).Next(Start));
        Assert.Equal([B], larger.Silent(z).Next(Start + FormAfter).Join.ToArray());
    }

    [Fact]
    public void Of_several_clusters_the_best_is_joined()
    {
        FormationState state = FormationState.Of(A, [B, C], Start, FormAfter, PartAfter).Heard(Is(B, (B, 2))).Heard(Is(C, (C, 1)));
        Assert.Equal([C], state.Next(Start).Join.ToArray());
        var z = new HostPort("z", 1);
        Assert.Equal([B, z], state.Heard(Is(B, (B, 2), (z, 3))).Heard(Is(z, (B, 2), (z, 3))).Next(Start).Join.ToArray());
    }

    [Fact]
    public void A_cluster_of_which_a_member_does_not_answer_is_not_joined_and_after_part_after_counts_as_none()
    {
        FormationState state = FormationState.Of(B, [B, C], Start, FormAfter, PartAfter).Heard(Is(C, (A, 1), (C, 2)));
        Assert.Contains(A, state.Others);
        Assert.Equal(FormationStep.Wait, state.Next(Start + PartAfter - TimeSpan.FromTicks(1)));
        Assert.True(state.Next(Start + PartAfter).Forms);
        Assert.Equal([A, C], state.Heard(Is(A, (A, 1), (C, 2))).Next(Start).Join.ToArray());
    }

    [Fact]
    public void Of_several_that_cannot_join_a_cluster_the_lowest_forms_another()
    {
        FormationState state = FormationState.Of(B, [B, C], Start, FormAfter, PartAfter)
            .Heard(Is(A, (A, 1), (new HostPort("z", 1), 2))).Heard(Looks(C));
        Assert.True(state.Next(Start + PartAfter).Forms);
        Assert.Equal(FormationStep.Wait, FormationState.Of(C, [], Start, FormAfter, PartAfter)
            .Heard(Is(A, (A, 1), (new HostPort("z", 1), 2))).Heard(Looks(B)).Next(Start + PartAfter));
    }

    [Fact]
    public void While_somebody_joins_or_forms_nobody_else_forms()
    {
        FormationState state = FormationState.Of(A, [A, B], Start, FormAfter, PartAfter).Heard(new ClusterReport(B, Standing.Joining, ClusterView.Of([])));
        Assert.Equal(FormationStep.Wait, state.Next(Start + FormAfter + FormAfter));
        Assert.True(state.Heard(Looks(B)).Next(Start + FormAfter).Forms);
    }

    [Fact]
    public void A_restarted_node_joins_through_the_others_that_still_count_its_life_before()
    {
        FormationState state = FormationState.Of(A, [A, B], Start, FormAfter, PartAfter).Heard(Is(B, (A, 1), (B, 2)));
        Assert.Equal([B], state.Next(Start).Join.ToArray());
    }

    [Fact]
    public void A_node_that_asks_is_known_from_then_on()
    {
        FormationState state = FormationState.Of(B, [B], Start, FormAfter, PartAfter).Heard(Looks(A));
        Assert.Contains(A, state.Others);
        Assert.Equal(FormationStep.Wait, state.Next(Start));
    }

    internal static ClusterReport Looks(HostPort address) => new(address, Standing.Looking, ClusterView.Of([]));

    internal static ClusterReport Is(HostPort address, params (HostPort Address, long Since)[] members) =>
        new(address, Standing.Member, ClusterView.Of(members.Select(m => new ClusterMember(m.Address, (int)m.Since, m.Since))));
}
