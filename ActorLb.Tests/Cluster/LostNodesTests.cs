using System.Collections.Immutable;
using ActorLb.Node.Cluster;
using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class LostNodesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly NodeMember One = new("lb1", "akka.tcp://x", "up", true);
    private static readonly NodeMember Other = new("lb2", "akka.tcp://y", "up", true);

    [Fact]
    public void Who_died_is_told_since_it_fell_silent_until_it_is_back()
    {
        LostNodes lost = After(One, Other);
        Assert.Empty(lost.Among([One, Other], Now));
        lost = lost.After([One, Other with { Reachable = false }], Now);
        Assert.Empty(lost.Among([One, Other with { Reachable = false }], Now));
        lost = lost.After([One, Other with { Reachable = false, Status = "down" }], Now.AddSeconds(3)).After([One], Now.AddSeconds(5));
        Assert.Equal(new LostNode("lb2", Now), Assert.Single(lost.Among([One], Now.AddMinutes(5))));

        lost = lost.After([One, Other with { Status = "joining" }], Now.AddMinutes(6));
        Assert.Empty(lost.Among([One, Other], Now.AddMinutes(6)));
        Assert.Empty(lost.After([One], Now.AddMinutes(7)).Among([One], Now.AddMinutes(7)));
    }

    [Fact]
    public void It_is_forgotten_after_half_an_hour()
    {
        LostNodes lost = LostNodes.None.After([One, Other with { Reachable = false }], Now).After([One], Now);
        Assert.Single(lost.Among([One], Now + LostNodes.ToldFor));
        Assert.Empty(lost.Among([One], Now + LostNodes.ToldFor + TimeSpan.FromSeconds(1)));
    }

    // It ends before the others have taken it out.
    [Fact]
    public void Who_leaves_by_itself_is_not_lost() => Assert.Empty(
        After(One, Other with { Status = "leaving" }).After([One, Other with { Status = "exiting", Reachable = false }], Now).After([One], Now).Among([One], Now));

    private static LostNodes After(params ImmutableArray<NodeMember> members) => LostNodes.None.After(members, Now);
}
