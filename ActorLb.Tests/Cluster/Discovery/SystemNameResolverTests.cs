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

    private static readonly IPAddress[] Found = [IPAddress.Parse("10.0.0.2")];
    private static readonly IPAddress[] FoundLater = [IPAddress.Parse("10.0.0.3")];

    [Fact]
    public async Task A_look_up_that_the_system_does_not_end_is_given_up_when_its_time_is_over()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        var resolver = new SystemNameResolver(_ => never.Task);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        Assert.Null(await resolver.ResolveAsync("lb", timeout.Token).WaitAsync(TooLong));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_look_up_that_was_given_up_tells_the_next_who_asks_what_it_found(bool beforeThat)
    {
        var slow = new TaskCompletionSource<IPAddress[]>();
        int begun = 0;
        var resolver = new SystemNameResolver(
            _ => Interlocked.Increment(ref begun) == 1 ? slow.Task : Task.FromResult(FoundLater));
        Assert.Null(await resolver.ResolveAsync("lb", new CancellationToken(canceled: true)));

        Task<ImmutableArray<IPAddress>?>? waiting = beforeThat ? null : resolver.ResolveAsync("lb", CancellationToken.None);
        slow.SetResult(Found);
        waiting ??= resolver.ResolveAsync("lb", CancellationToken.None);

        Assert.Equal(Found, (await waiting)!.Value);
        Assert.Equal(FoundLater, (await resolver.ResolveAsync("lb", CancellationToken.None))!.Value);
    }

    [Fact]
    public async Task Names_are_looked_up_apart()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        var resolver = new SystemNameResolver(name => name == "lb" ? never.Task : Task.FromResult(Found));
        Assert.Null(await resolver.ResolveAsync("lb", new CancellationToken(canceled: true)));

        Assert.Equal(Found, (await resolver.ResolveAsync("web", CancellationToken.None))!.Value);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_leads_nowhere()
    {
        var resolver = new SystemNameResolver(_ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));

        Assert.Null(await resolver.ResolveAsync("lb", CancellationToken.None));
    }

    [Theory]
    [InlineData("10.0.0.3 10.0.0.2 10.0.0.3", "10.0.0.2 10.0.0.3")]
    [InlineData("fd00::2 10.0.0.2", "10.0.0.2")]
    [InlineData("fd00::3 fd00::2", "fd00::2 fd00::3")]
    public async Task Addresses_come_once_each_in_the_same_order_and_of_one_family(string found, string told)
    {
        var resolver = new SystemNameResolver(_ => Task.FromResult(found.Split(' ').Select(IPAddress.Parse).ToArray()));

        ImmutableArray<IPAddress>? addresses = await resolver.ResolveAsync("lb", CancellationToken.None);

        Assert.Equal(told, string.Join(' ', addresses!.Value));
    }
}
