using System.Net;
using ActorLb.Engine.Backends;
using Xunit;

namespace ActorLb.Tests.Forwarding;

public sealed class BackendAddressesTests
{
    private readonly BackendAddresses _addresses = new();

    [Theory]
    [InlineData("http://10.0.0.1:81", "10.0.0.1:81")]
    [InlineData("http://[::1]", "[::1]:80")]
    public async Task A_number_needs_no_look_up(string backend, string address)
    {
        BackendHost host = _addresses.Of(new Uri(backend));
        Assert.False(host.IsName);
        Assert.Equal(IPEndPoint.Parse(address), Assert.Single(await _addresses.FindAsync(host)));
        Assert.True(host.LeadsTo(IPEndPoint.Parse("9.9.9.9:9")));
    }

    [Fact]
    public async Task A_name_leads_where_it_led_last()
    {
        int changes = 0;
        _addresses.Changed += () => changes++;
        BackendHost host = _addresses.Of(new Uri("http://app.example:81"));
        Assert.False(_addresses.Set("APP.example", [IPAddress.Parse("10.0.0.1")]));
        Assert.False(_addresses.Set("app.example", [IPAddress.Parse("10.0.0.1")]));
        Assert.Equal([IPEndPoint.Parse("10.0.0.1:81")], await _addresses.FindAsync(host));
        Assert.False(_addresses.Set("other.example", [IPAddress.Parse("10.0.0.7")]));

        Assert.True(_addresses.Set("app.example", [IPAddress.Parse("10.0.0.2")]));

        Assert.Equal(1, changes);
        Assert.False(host.LeadsTo(IPEndPoint.Parse("10.0.0.1:81")));
        Assert.True(host.LeadsTo(IPEndPoint.Parse("10.0.0.2:81")));
    }

    [Fact]
    public void The_order_of_a_name_server_does_not_matter_and_the_systems_preferred_family_does()
    {
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Order("10.0.0.2", "10.0.0.1"));
        Assert.Equal(["10.0.0.2", "10.0.0.10"], Order("10.0.0.10", "10.0.0.2", "10.0.0.10"));
        Assert.Equal(["::1", "127.0.0.1"], Order("::1", "127.0.0.1"));
        Assert.Equal(["127.0.0.1", "::1"], Order("127.0.0.1", "::1"));

        static IEnumerable<string> Order(params string[] found) =>
            BackendAddresses.Ordered([.. found.Select(IPAddress.Parse)]).Select(a => a.ToString());
    }

    [Fact]
    public async Task A_name_that_leads_nowhere_gives_nothing() =>
        Assert.Empty(await _addresses.FindAsync(_addresses.Of(new Uri("http://no-such-host.invalid:1"))));
}
