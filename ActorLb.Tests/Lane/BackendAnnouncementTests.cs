using System.Collections.Concurrent;
using System.Net;
using ActorLb.Engine.ProxyProtocol;
using ActorLb.Shared.Settings;
using ActorLb.Tests.ProxyProtocol;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Clients of whom backends are told by the PROXY protocol.</summary>
public abstract class BackendAnnouncementTests(ListenerEngine engine)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private static readonly LaneOptions Announcing = new() { PoolProxyProtocol = ProxyHeaderVersion.V2, Loops = 1 };

    private readonly ConcurrentQueue<AnnouncedClient?> _clients = new();

    [Theory]
    [InlineData(ProxyHeaderVersion.V1)]
    [InlineData(ProxyHeaderVersion.V2)]
    public async Task Each_client_has_a_connection_of_its_own_that_begins_with_its_addresses(ProxyHeaderVersion version)
    {
        await using RawBackend backend = AnnouncedBackend.Start(_clients);
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing with { PoolProxyProtocol = version }, backend.Address);
        using RawClient first = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("1", await AskAsync(first));
            Assert.Equal("2", await AskAsync(second));
        }

        Assert.Equal([Client(first.Local, lane.Endpoint), Client(second.Local, lane.Endpoint)], _clients);
    }

    [Fact]
    public async Task A_clients_connection_is_closed_with_it_and_serves_nobody_after_it()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawBackend backend = AnnouncedBackend.Start(_clients, () => closed.TrySetResult());
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing, backend.Address);
        using (RawClient first = await RawClient.ConnectAsync(lane.Endpoint))
        {
            Assert.Equal("1", await AskAsync(first));
        }

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using RawClient second = await RawClient.ConnectAsync(lane.Endpoint);
        Assert.Equal("2", await AskAsync(second));
    }

    [Fact]
    public async Task Whom_a_proxy_has_announced_is_announced_on()
    {
        await using RawBackend backend = AnnouncedBackend.Start(_clients);
        LaneOptions options = Announcing with { AcceptsProxyProtocol = true, TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };
        await using TestLane lane = await TestLane.StartAsync(engine, options, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await client.Stream.WriteAsync(BinaryHeaders.Of("[2001:db8::7]:56324", "[2001:db8::9]:443"));

        Assert.Equal("1", await AskAsync(client));
        Assert.Equal("1", await AskAsync(client));
        Assert.Equal([Client(IPEndPoint.Parse("[2001:db8::7]:56324"), IPEndPoint.Parse("[2001:db8::9]:443"))], _clients);
    }

    [Fact]
    public async Task A_connection_that_the_backend_closed_is_replaced_by_one_with_a_header()
    {
        await using var backend = new RawBackend(async connection =>
        {
            _clients.Enqueue(await AnnouncedBackend.ReadHeaderAsync(connection.Stream));
            await connection.ReadHeadAsync();
            await connection.AnswerAsync($"{connection.Number}");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal($"{i}", await AskAsync(client));
        }

        Assert.Equal(Enumerable.Repeat(Client(client.Local, lane.Endpoint), 3), _clients);
    }

    [Fact]
    public async Task Requests_take_turns_whatever_connection_their_client_has()
    {
        await using RawBackend a = AnnouncedBackend.Start(_clients);
        await using RawBackend b = AnnouncedBackend.Start(_clients);
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing with { Sticky = false }, a.Address, b.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        for (int i = 0; i < 4; i++)
        {
            await AskAsync(client);
        }

        Assert.Equal((2, 2), (a.Connections, b.Connections));
    }

    [Fact]
    public async Task A_pool_that_changes_goes_by_its_setting_from_the_next_request_on()
    {
        var begun = new ConcurrentQueue<string>();
        await using var backend = new RawBackend(async connection =>
        {
            string? head = await connection.ReadHeadAsync();
            begun.Enqueue(head!.Split(' ')[0]);
            do
            {
                await connection.AnswerAsync("ok");
            }
            while (await connection.ReadHeadAsync() is not null);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing with { PoolProxyProtocol = ProxyHeaderVersion.Off }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        foreach (ProxyHeaderVersion version in (ProxyHeaderVersion[])[ProxyHeaderVersion.Off, ProxyHeaderVersion.V1, ProxyHeaderVersion.Off, ProxyHeaderVersion.V1])
        {
            await lane.ApplyAsync(t => t with { Pools = t.Pools.SetItem("web", t.Pools["web"] with { ProxyProtocol = version }) });
            await AskAsync(client);
            await AskAsync(client);
        }

        // What was kept without a header waits for its next turn.
        Assert.Equal(["GET", "PROXY", "PROXY"], begun);
    }

    [Fact]
    public async Task A_client_whose_listener_goes_over_to_the_other_lane_is_announced_by_that_one()
    {
        ListenerEngine other = engine == ListenerEngine.Epoll ? ListenerEngine.Kestrel : ListenerEngine.Epoll;
        await using RawBackend backend = AnnouncedBackend.Start(_clients);
        await using TestLane lane = await TestLane.StartAsync(engine, Announcing, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await AskAsync(client);

        await lane.ApplyAsync(l => l with { Engine = other });
        await AskAsync(client);
        string last = await AskAsync(client);

        // Kestrel keeps what it has.
        Assert.Equal(engine == ListenerEngine.Epoll ? "2" : "1", last);
        Assert.All(_clients, c => Assert.Equal(Client(client.Local, lane.Endpoint), c));
    }

    private static AnnouncedClient Client(IPEndPoint source, IPEndPoint destination) => new(source, destination, IsTls: false);

    private static async Task<string> AskAsync(RawClient client)
    {
        await client.SendAsync(Get);
        return (await client.ReadAnswerAsync()).Body;
    }
}
