using System.Net;
using ActorLb.Engine.Clients;
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
            Assert.True(Admit(limits, Http, Client));
        }

        Assert.False(Admit(limits, Http, Other));
        Assert.True(Admit(limits, Https, Client));
        Release(limits, Http, Client);
        Assert.True(Admit(limits, Http, Client));
        Assert.False(Admit(limits, Http, Client));
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
            Assert.True(Admit(limits, i % 2 == 0 ? Http : Https, Client));
        }

        Assert.False(Admit(limits, Http, Client));
        Assert.True(Admit(limits, Http, Other));
        Release(limits, Http, Client);
        Assert.True(Admit(limits, Https, Client));
        Assert.False(Admit(limits, Https, Client));
        Assert.Equal((0, 1), (Counts(limits, "http").Listener, Counts(limits, "http").Address));
    }

    [Fact]
    public void Zero_is_no_limit_and_connections_are_counted_all_the_same()
    {
        ConnectionLimits limits = Limits();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(Admit(limits, Http, Client));
        }

        Assert.Equal((1000, 0, 0), Counts(limits, "http"));
    }

    [Fact]
    public void Who_is_refused_for_his_address_takes_no_place_of_the_listener()
    {
        ConnectionLimits limits = Limits(perListener: 2, perAddress: 1);
        Assert.True(Admit(limits, Http, Client));
        Assert.False(Admit(limits, Http, Client));
        Assert.True(Admit(limits, Http, Other));
    }

    [Fact]
    public void A_trusted_proxy_has_no_limit_of_its_own_on_the_listener_that_trusts_it()
    {
        ConnectionLimits limits = Limits(perAddress: 1);
        ListenerSettings trusting = Http with { TrustedProxies = [IPNetwork.Parse("192.0.2.0/24")] };
        IPAddress mapped = Client.MapToIPv6();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(Admit(limits, trusting, i % 2 == 0 ? Client : mapped));
        }

        Assert.True(Admit(limits, Https, Client));
        Assert.False(Admit(limits, Https, Client));
        Release(limits, trusting, Client);
        Assert.False(Admit(limits, Https, Client));
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
        Assert.True(Admit(limits, Http, IPAddress.Parse(one)));
        Assert.Equal(!same, Admit(limits, Http, IPAddress.Parse(two)));
    }

    [Fact]
    public void Addresses_without_a_connection_cost_nothing()
    {
        var counts = new AddressCounts();
        for (int i = 0; i < 1000; i++)
        {
            var address = new IPAddress(i);
            Assert.True(counts.TryAdd(address, 2));
            Assert.True(counts.TryAdd(address, 2));
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
                    if (Admit(limits, Http, client))
                    {
                        bool over = Interlocked.Increment(ref open) > PerListener;
                        over |= Interlocked.Increment(ref ofClient[who]) > PerAddress;
                        exceeded |= over;
                        Interlocked.Decrement(ref ofClient[who]);
                        Interlocked.Decrement(ref open);
                        Release(limits, Http, client);
                    }
                }
            },
            TaskCreationOptions.LongRunning)));

        Assert.False(exceeded);
        Assert.Equal(0, Counts(limits, "http").Open);
        for (int i = 0; i < PerAddress; i++)
        {
            Assert.True(Admit(limits, Http, Client));
        }

        Assert.False(Admit(limits, Http, Client));
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(0, 5)]
    [InlineData(5, 2)]
    public void Other_limits_are_exact_at_once_for_who_is_there_already(int before, int after)
    {
        ConnectionLimits limits = Limits(before, before);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(Admit(limits, Http, Client));
        }

        limits.Apply(TestPools.Limits with { ConnectionsMax = after, ConnectionsPerAddressMax = after });

        for (int i = 2; i < after; i++)
        {
            Assert.True(Admit(limits, Http, Client));
        }

        Assert.False(Admit(limits, Http, Client));
        Assert.False(Admit(limits, Https, Client));
    }

    [Fact]
    public void The_counts_of_a_listener_that_is_gone_go_with_its_last_connection()
    {
        ConnectionLimits limits = Limits();
        Assert.True(Admit(limits, Http, Client));
        Assert.True(Admit(limits, Https, Client));
        ListenerConnections gone = limits.Of("http");

        limits.Keep([limits.Of("https")]);
        Assert.Equal(["http", "https"], limits.Listeners.Select(l => l.Key).Order());
        limits.Release(gone, Http, Client);
        Assert.Equal(["https"], limits.Listeners.Select(l => l.Key));
        limits.Keep([]);
        Release(limits, Https, Client);

        Assert.Empty(limits.Listeners);
        Assert.Equal(0, limits.Open);
    }

    private static (int Open, long Listener, long Address) Counts(ConnectionLimits limits, string listener)
    {
        ListenerConnections counts = limits.Listeners.Single(l => l.Key == listener).Value;
        return (counts.Open, counts.RefusedForListener, counts.RefusedForAddress);
    }

    private static bool Admit(ConnectionLimits limits, ListenerSettings listener, IPAddress client) =>
        limits.TryAdmit(limits.Of(listener.Name), listener, client);

    private static void Release(ConnectionLimits limits, ListenerSettings listener, IPAddress client) =>
        limits.Release(limits.Of(listener.Name), listener, client);

    private static ConnectionLimits Limits(int perListener = 0, int perAddress = 0) =>
        new(TestPools.Limits with { ConnectionsMax = perListener, ConnectionsPerAddressMax = perAddress });

    [Fact]
    public void An_address_whose_connections_carry_many_requests_leaves_room_for_others()
    {
        ConnectionLimits limits = Limits();
        limits.Fit(new DescriptorShares(800, 200, 0));
        int taken = 0;
        while (limits.TryShare(IPAddress.Parse("10.0.0.1")))
        {
            taken++;
        }

        Assert.Equal((800 + 100) / 8, taken);
        Assert.True(limits.TryShare(IPAddress.Parse("10.0.0.2")));
        limits.ReleaseShare(IPAddress.Parse("10.0.0.1"));
        Assert.True(limits.TryShare(IPAddress.Parse("10.0.0.1")));
        Assert.False(limits.TryShare(IPAddress.Parse("10.0.0.1")));
    }

    private static ListenerSettings Listener(string name) =>
        new(name, new IPEndPoint(IPAddress.Loopback, 0), ListenerEngine.Auto, 0, ListenerHttp2.On, null, [], false);
}
