using ActorLb.Shared.Messages;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class MayServeTests
{
    [Theory]
    [InlineData("joining", true)]
    [InlineData("up", true)]
    [InlineData("leaving", true)]
    [InlineData("exiting", false)]
    [InlineData("down", false)]
    [InlineData("removed", false)]
    public void Who_joins_may_serve_already_and_who_is_out_does_not(string status, bool mayServe) =>
        Assert.Equal(mayServe, new NodeMember("n", "akka.tcp://actorlb@n:1", status, Reachable: true).MayServe);
}
