using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Cluster.Discovery;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class SystemNameResolverTests
{
    /// <summary>Much longer than anything here takes; a test that waits so long has failed.</summary>
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_look_up_that_the_system_does_not_end_is_given_up_when_its_time_is_over()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        var resolver = new SystemNameResolver((_, _) => never.Task);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        Assert.Null(await resolver.ResolveAsync("lb", timeout.Token).WaitAsync(TooLong));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_leads_nowhere()
    {
        var resolver = new SystemNameResolver((_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));

        Assert.Null(await resolver.ResolveAsync("lb", CancellationToken.None));
    }

    [Theory]
    [InlineData("10.0.0.3 10.0.0.2 10.0.0.3", "10.0.0.2 10.0.0.3")]
    [InlineData("fd00::2 10.0.0.2", "10.0.0.2")]
    [InlineData("fd00::3 fd00::2", "fd00::2 fd00::3")]
    public async Task Addresses_come_once_each_in_the_same_order_and_of_one_family(string found, string told)
    {
        var resolver = new SystemNameResolver((_, _) => Task.FromResult(found.Split(' ').Select(IPAddress.Parse).ToArray()));

        ImmutableArray<IPAddress>? addresses = await resolver.ResolveAsync("lb", CancellationToken.None);

        Assert.Equal(told, string.Join(' ', addresses!.Value));
    }
}
