using ActorLb.Node.Routing;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Routing;

public sealed class ToldBackendsTests
{
    [Fact]
    public void What_most_nodes_say_counts_then_the_lower_text_whatever_the_order()
    {
        BackendsKnown[] told = [Of("n1", "http://b:1"), Of("n2", "http://c:1"), Of("n3", "http://c:1"), Of("n4", "http://b:1")];
        foreach (BackendsKnown[] order in (BackendsKnown[][])[told, [.. told.Reverse()]])
        {
            ToldBackends all = order.Aggregate(ToldBackends.None, (t, one) => t.With(one));
            Assert.Equal(new Uri("http://b:1"), all.Of("web")["x"].Address);
            Assert.Equal(new Uri("http://c:1"), all.Among(new HashSet<string> { "n1", "n2", "n3" }).Of("web")["x"].Address);
        }
    }

    [Fact]
    public void What_drains_at_some_and_is_in_use_at_one_is_in_use()
    {
        DateTimeOffset first = DateTimeOffset.UnixEpoch;
        ToldBackends draining = ToldBackends.None.With(Of("n1", "http://b:1", first)).With(Of("n2", "http://b:1", first.AddHours(1)));
        Assert.Equal(first.AddHours(1), draining.Of("web")["x"].LeftAt);
        Assert.Null(draining.With(Of("n3", "http://b:1")).Of("web")["x"].LeftAt);
    }

    [Fact]
    public void A_node_that_is_gone_tells_nothing_and_pools_do_not_mix()
    {
        ToldBackends all = ToldBackends.None.With(Of("n1", "http://b:1"));
        Assert.Empty(all.Of("api"));
        Assert.Empty(all.Among(new HashSet<string>()).Of("web"));
    }

    [Theory]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("localhost", false, true)]
    [InlineData("10.0.0.1", false, false)]
    [InlineData("lb-1", false, false)]
    [InlineData("10.0.0.1", true, true)]
    public void Only_who_proved_to_be_a_node_is_believed(string host, bool hasSecret, bool believes)
    {
        ClusterSettings cluster = TestPools.Node(TestPools.Pool("web", "http://a:1")).Cluster with
        {
            Host = host,
            Secrets = hasSecret ? [new ClusterSecret(new byte[ClusterSecret.Length])] : [],
        };
        Assert.Equal(believes, KnownBackendsActor.Believes(cluster));
        Assert.True(KnownBackendsActor.Believes(cluster with { Tls = new ClusterTlsSettings("a.pfx", "") }));
    }

    private static BackendsKnown Of(string node, string address, DateTimeOffset? leftAt = null) => new(node, [new KnownBackend(new("web", "x"), new Uri(address), leftAt)]);
}
