using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Listeners;

public sealed class ConnectionLimitsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");
    private static readonly ListenerSettings Http = Listener("http");
    private static readonly ListenerSettings Https = Listener("https");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Each_listener_has_as_many_connections_as_the_limit_says(int max)
    {
        ConnectionLimits limits = Limits(perListener: max);
        for (int i = 0; i < max; i++)
        {
            Assert.True(limits.TryAdmit(Http, Client));
        }

        Assert.False(limits.TryAdmit(Http, Other));
        Assert.True(limits.TryAdmit(Https, Client));
        limits.Release(Http, Client);
        Assert.True(limits.TryAdmit(Http, Client));
        Assert.False(limits.TryAdmit(Http, Client));
        Assert.Equal((max, 2, 0), Counts(limits, "http"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Each_address_has_as_many_over_all_listeners(int max)
    {
        ConnectionLimits limits = Limits(perAddress: max);
        for (int i = 0; i < max; i++)
        {
            Assert.True(limits.TryAdmit(i % 2 == 0 ? Http : Https, Client));
        }

        Assert.False(limits.TryAdmit(Http, Client));
        Assert.True(limits.TryAdmit(Http, Other));
        limits.Release(Http, Client);
        Assert.True(limits.TryAdmit(Https, Client));
        Assert.False(limits.TryAdmit(Https, Client));
        Assert.Equal((0, 1), (Counts(limits, "http").Listener, Counts(limits, "http").Address));
    }

    [Fact]
    public void Zero_is_no_limit_and_connections_are_counted_all_the_same()
    {
        ConnectionLimits limits = Limits();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(limits.TryAdmit(Http, Client));
        }

        Assert.Equal((1000, 0, 0), Counts(limits, "http"));
    }

    [Fact]
    public void Who_is_refused_for_his_address_takes_no_place_of_the_listener()
    {
        ConnectionLimits limits = Limits(perListener: 2, perAddress: 1);
        Assert.True(limits.TryAdmit(Http, Client));
        Assert.False(limits.TryAdmit(Http, Client));
        Assert.True(limits.TryAdmit(Http, Other));
    }

    [Fact]
    public void A_trusted_proxy_has_no_limit_of_its_own_on_the_listener_that_trusts_it()
    {
        ConnectionLimits limits = Limits(perAddress: 1);
        ListenerSettings trusting = Http with { TrustedProxies = [IPNetwork.Parse("192.0.2.0/24")] };
        IPAddress mapped = Client.MapToIPv6();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(limits.TryAdmit(trusting, i % 2 == 0 ? Client : mapped));
        }

        Assert.True(limits.TryAdmit(Https, Client));
        Assert.False(limits.TryAdmit(Https, Client));
        limits.Release(trusting, Client);
        Assert.False(limits.TryAdmit(Https, Client));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::", "0.0.0.0", false)]
    [InlineData("0:0:0:1::", "0.0.0.1", false)]
    public void An_address_of_six_counts_with_its_network_and_a_mapped_one_as_what_it_is(string one, string two, bool same)
    {
        ConnectionLimits limits = Limits(perAddress: 1);
        Assert.True(limits.TryAdmit(Http, IPAddress.Parse(one)));
        Assert.Equal(!same, limits.TryAdmit(Http, IPAddress.Parse(two)));
    }

    [Fact]
    public void Addresses_without_a_connection_cost_nothing()
    {
        var counts = new AddressCounts(2);
        for (int i = 0; i < 1000; i++)
        {
            var address = new IPAddress(i);
            Assert.True(counts.TryAdd(address));
            Assert.True(counts.TryAdd(address));
            counts.Remove(address);
            Assert.Equal(1, counts.Addresses);
            counts.Remove(address);
        }

        Assert.Equal(0, counts.Addresses);
    }

    [Fact]
    public async Task Over_many_threads_the_limits_are_exact()
    {
        const int PerListener = 5;
        const int PerAddress = 3;
        ConnectionLimits limits = Limits(PerListener, PerAddress);
        int open = 0;
        var ofClient = new int[2];
        bool exceeded = false;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Factory.StartNew(
            () =>
            {
                int who = t % 2;
                IPAddress client = who == 0 ? Client : Other;
                for (int i = 0; i < 20_000; i++)
                {
                    if (limits.TryAdmit(Http, client))
                    {
                        bool over = Interlocked.Increment(ref open) > PerListener;
                        over |= Interlocked.Increment(ref ofClient[who]) > PerAddress;
                        exceeded |= over;
                        Interlocked.Decrement(ref ofClient[who]);
                        Interlocked.Decrement(ref open);
                        limits.Release(Http, client);
                    }
                }
            },
            TaskCreationOptions.LongRunning)));

        Assert.False(exceeded);
        Assert.Equal(0, Counts(limits, "http").Open);
        for (int i = 0; i < PerAddress; i++)
        {
            Assert.True(limits.TryAdmit(Http, Client));
        }

        Assert.False(limits.TryAdmit(Http, Client));
    }

    private static (int Open, long Listener, long Address) Counts(ConnectionLimits limits, string listener)
    {
        ListenerConnections counts = limits.Listeners.Single(l => l.Key == listener).Value;
        return (counts.Open, counts.RefusedForListener, counts.RefusedForAddress);
    }

    private static ConnectionLimits Limits(int perListener = 0, int perAddress = 0) =>
        new(TestPools.Limits with { ConnectionsMax = perListener, ConnectionsPerAddressMax = perAddress });

    private static ListenerSettings Listener(string name) =>
        new(name, new IPEndPoint(IPAddress.Loopback, 0), ListenerEngine.Auto, 0, true, null, [], false);
}
