using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Engine.Lanes;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Listeners that come, go and change while clients are there.</summary>
public abstract class ListenerChangeTests(ListenerEngine engine)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private ListenerEngine Other => engine == ListenerEngine.Epoll ? ListenerEngine.Kestrel : ListenerEngine.Epoll;

    [Theory]
    [InlineData("via")]
    [InlineData("proxies")]
    [InlineData("loops")]
    [InlineData("name")]
    [InlineData("engine")]
    public async Task A_listener_that_stays_at_its_address_keeps_what_it_has_and_new_clients_get_the_change(string what)
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        IPEndPoint address = lane.Endpoint;
        using RawClient kept = await KeptAsync(address);
        using RawClient upload = await RawClient.ConnectAsync(address);
        await upload.SendAsync("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        using ClientWebSocket tunnel = await OpenAsync(address);
        var clients = new NewClients(() => address);
        await clients.MoreAsync(20);

        for (int i = 0; i < 10; i++)
        {
            await lane.ApplyAsync(l => Changed(l, what, address, i));
            await clients.MoreAsync(20);
        }

        await upload.SendAsync("world");
        Assert.Equal("helloworld", (await upload.ReadAnswerAsync()).Body);
        (string head, string body) = await AskAsync(kept);
        Assert.Equal("ok", body);
        Assert.DoesNotContain("Connection: close", head, StringComparison.Ordinal);
        Assert.Equal("ping", await WebSocketTests.EchoAsync(tunnel, "ping"));
        Assert.Empty(await clients.StopAsync());
        Assert.Equal([address], lane.Lane.Endpoints.Values);
        Assert.Equal(0, lane.Group.LeavingCount);
    }

    [Fact]
    public async Task A_listener_that_is_gone_finishes_what_it_has_and_leaves_nothing_behind()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await AddAsync(lane, "second");
        IPEndPoint gone = lane.Lane.Endpoints["second"];
        using RawClient idle = await KeptAsync(gone);
        using RawClient upload = await RawClient.ConnectAsync(gone);
        await upload.SendAsync("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        using ClientWebSocket tunnel = await OpenAsync(gone);
        using RawClient kept = await KeptAsync(lane.Endpoint);
        var clients = new NewClients(() => lane.Endpoint);

        await lane.ApplyAsync(t => t with { Listeners = [t.Listeners[0]] });

        Assert.Equal("", await idle.ReadToEndAsync());
        await Assert.ThrowsAnyAsync<SocketException>(() => RawClient.ConnectAsync(gone));
        await upload.SendAsync("world");
        string answer = await upload.ReadToEndAsync();
        Assert.EndsWith("helloworld", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Equal("ping", await WebSocketTests.EchoAsync(tunnel, "ping"));
        await TestLane.UntilAsync(() => lane.Plane.Connections.Listeners.Single(l => l.Key == "second").Value.Open == 1);

        await tunnel.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await TestLane.UntilAsync(() => lane.Plane.Connections.Listeners.All(l => l.Key == "http"));
        await TestLane.UntilAsync(() => lane.Group.LeavingCount == 0);
        Assert.Equal("ok", (await AskAsync(kept)).Body);
        await clients.MoreAsync(10);
        Assert.Empty(await clients.StopAsync());
    }

    [Fact]
    public async Task A_request_under_way_when_its_listener_is_removed_is_told_to_close()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient kept = await KeptAsync(lane.Endpoint);

        await lane.ApplyAsync(t => t with { Listeners = [] });

        (string head, string body) = await AskAsync(kept);
        Assert.Equal("ok", body);
        Assert.Contains("Connection: close", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_is_wanted_again_before_its_socket_is_closed_has_it_back()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        IPEndPoint address = lane.Endpoint;
        ListenerSettings listener = lane.Topology.Listeners[0] with { Bind = address };
        for (int i = 0; i < 20; i++)
        {
            await lane.ApplyAsync(t => t with { Listeners = [] });
            await lane.ApplyAsync(t => t with { Listeners = [listener] });
            using RawClient client = await KeptAsync(address);
        }

        await TestLane.UntilAsync(() => lane.Group.LeavingCount == 0);
        Assert.Equal("ok", (await AskAsync(await KeptAsync(address))).Body);
    }

    [Fact]
    public async Task A_connection_that_stays_reaches_backends_that_another_lane_alone_can_reach()
    {
        using var files = new TestCertificates();
        using X509Certificate2 certificate = files.Server("127.0.0.1");
        await using var secure = new TlsBackend(certificate, files.IssuerPem);
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Sticky = false, AskedEngine = engine == ListenerEngine.Epoll ? ListenerEngine.Auto : engine }, backend.Address);
        using RawClient kept = await KeptAsync(lane.Endpoint);
        using RawClient half = await KeptAsync(lane.Endpoint);
        await half.SendAsync("GET / HT");
        using RawClient upload = await RawClient.ConnectAsync(lane.Endpoint);
        await upload.SendAsync("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).InFlight == 1);

        await lane.ApplyAsync(t => t with
        {
            Pools = t.Pools.SetItem("web", t.Pools["web"] with
            {
                Backends = [new BackendSettings("secure", secure.Address, 1)],
                Tls = BackendTlsSettings.Default with { Roots = files.Root },
            }),
        });

        await half.SendAsync("TP/1.1\r\nHost: x\r\n\r\n");
        await upload.SendAsync("world");
        Assert.Equal("helloworld", (await upload.ReadAnswerAsync()).Body);
        foreach (RawClient client in (RawClient[])[half, kept, upload, kept])
        {
            if (client != half)
            {
                await client.SendAsync(Get);
            }

            Assert.StartsWith("HTTP/1.1 200", (await client.ReadAnswerAsync()).Head, StringComparison.Ordinal);
        }

        await TestLane.UntilAsync(() => lane.Plane.Connections.Open == 3);
    }

    [Fact]
    public async Task A_backend_that_keeps_its_id_is_asked_at_its_new_address_also_where_connections_to_the_old_one_are_kept()
    {
        await using SampleBackend old = await SampleBackend.NamedAsync("old");
        await using SampleBackend next = await SampleBackend.NamedAsync("next");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, old.Address);
        Assert.Equal("old", await lane.GetAsync());

        await lane.ApplyAsync(t => t with
        {
            Pools = t.Pools.SetItem("web", t.Pools["web"] with { Backends = [new BackendSettings(old.Address.Authority, next.Address, 1)] }),
        });

        Assert.Equal("next", await lane.GetAsync());
    }

    [Fact]
    public async Task Two_listeners_exchange_their_addresses()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await AddAsync(lane, "second", via: true);
        (IPEndPoint first, IPEndPoint second) = (lane.Lane.Endpoints["http"], lane.Lane.Endpoints["second"]);
        using RawClient kept = await KeptAsync(first);
        var clients = new NewClients(() => first);

        await lane.ApplyAsync(t => t with { Listeners = [t.Listeners[0] with { Bind = second }, t.Listeners[1] with { Bind = first }] });

        Assert.Equal((second, first), (lane.Lane.Endpoints["http"], lane.Lane.Endpoints["second"]));
        using RawClient now = await KeptAsync(first);
        Assert.NotNull(backend.Seen.Last(s => s.Target == "/mark")["Via"]);
        await AskAsync(kept, "/mark");
        Assert.Null(backend.Seen.Last(s => s.Target == "/mark")["Via"]);
        await clients.MoreAsync(10);
        Assert.Empty(await clients.StopAsync());
        Assert.Equal(0, lane.Group.LeavingCount);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("127.0.0.1", "0.0.0.0")]
    [InlineData("0.0.0.0", "::")]
    public async Task An_address_becomes_wider_or_narrower_at_the_same_port(string before, string after)
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await lane.ApplyAsync(l => l with { Bind = new IPEndPoint(IPAddress.Parse(before), 0) });
        int port = lane.Endpoint.Port;
        var reached = new IPEndPoint(IPAddress.Loopback, port);
        using RawClient kept = await KeptAsync(reached);
        var clients = new NewClients(() => reached);
        await clients.MoreAsync(10);

        await lane.ApplyAsync(l => l with { Bind = new IPEndPoint(IPAddress.Parse(after), port) });

        await clients.MoreAsync(10);
        await TestLane.UntilAsync(() => lane.Group.LeavingCount == 0);
        await clients.MoreAsync(10);
        Assert.DoesNotContain("Connection: close", (await AskAsync(kept)).Head, StringComparison.Ordinal);
        Assert.Empty(await clients.StopAsync());
        Assert.Equal(IPAddress.Parse(after), lane.Endpoint.Address);
        Assert.All(lane.Group.Served, s => Assert.False(s.Socket.SharesPort));
    }

    [Fact]
    public async Task An_address_that_another_process_has_is_refused_by_its_key_and_nothing_changes()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        ListenerSettings taken = lane.Topology.Listeners[0] with { Name = "second", Bind = (IPEndPoint)other.LocalEndPoint! };
        ListenerSettings free = taken with { Name = "third", Bind = FreeAddress() };

        IOException refusal = await Assert.ThrowsAnyAsync<IOException>(
            () => lane.ApplyAsync(t => t with { Listeners = [.. t.Listeners, free, taken] }));

        Assert.Equal($"cannot listen on {taken.Bind} (listeners.second.bind): another process listens there", refusal.Message);
        Assert.Equal(["http"], lane.Lane.Endpoints.Keys);
        Assert.Equal("ok", (await AskAsync(await KeptAsync(lane.Endpoint))).Body);

        // Nobody has the other address any more.
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        again.Bind(free.Bind);
    }

    [Fact]
    public async Task Two_listeners_of_one_address_are_refused()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        ListenerSettings second = lane.Topology.Listeners[0] with { Name = "second", Bind = new IPEndPoint(IPAddress.Any, lane.Endpoint.Port) };

        IOException refusal = await Assert.ThrowsAnyAsync<IOException>(() => lane.ApplyAsync(t => t with { Listeners = [t.Listeners[0], second] }));

        Assert.Contains("(listeners.second.bind): another listener listens on 127.0.0.1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_prepared_and_not_committed_gives_everything_back()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        string log = Path.Combine(Path.GetTempPath(), $"actorlb-{Guid.NewGuid():N}.log");
        PreparedLanes prepared = lane.Group.Prepare(lane.Topology with
        {
            Listeners = [lane.Topology.Listeners[0] with { Name = "other", Engine = Other, Bind = new IPEndPoint(IPAddress.Loopback, 0) }],
            AccessLog = new AccessLogSettings(log, AccessLogFormat.Json, 4096),
        });
        Assert.True(File.Exists(log));

        await prepared.DisposeAsync();

        Assert.False(File.Exists(log));
        Assert.Single(lane.Group.Lanes);
        Assert.All(prepared.Sockets, s => Assert.True(s.Socket.SafeHandle.IsClosed));
        Assert.Equal("ok", (await AskAsync(await KeptAsync(lane.Endpoint))).Body);
    }

    [Fact]
    public async Task Of_two_that_were_prepared_the_later_commit_is_refused()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await using PreparedLanes first = lane.Group.Prepare(lane.Topology);
        await using PreparedLanes second = lane.Group.Prepare(lane.Topology);
        await first.CommitAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(second.CommitAsync);
    }

    [Fact]
    public async Task A_node_stops_while_a_listener_is_being_closed()
    {
        await using SampleBackend backend = await EchoAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { TunnelGrace = TimeSpan.FromSeconds(1) }, backend.Address);
        using ClientWebSocket tunnel = await OpenAsync(lane.Endpoint);
        await AddAsync(lane, "second");
        await lane.ApplyAsync(t => t with { Listeners = [t.Listeners[1]] });

        await lane.Lane.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, lane.Group.LeavingCount);
        Assert.Equal(0, lane.Plane.Connections.Open);
    }

    private static Task<SampleBackend> EchoAsync() => SampleBackend.StartAsync(
        async context =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                byte[] buffer = new byte[1024];
                while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                {
                    await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, true, context.RequestAborted);
                }

                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            }
            else if (context.Request.Path == "/up")
            {
                using var reader = new StreamReader(context.Request.Body);
                string body = await reader.ReadToEndAsync();
                context.Response.ContentLength = body.Length;
                await context.Response.WriteAsync(body);
            }
            else
            {
                context.Response.ContentLength = 2;
                await context.Response.WriteAsync("ok");
            }
        },
        _ => { },
        app => app.UseWebSockets());

    private static Task AddAsync(TestLane lane, string name, bool via = false) => lane.ApplyAsync(t => t with
    {
        Listeners = [.. t.Listeners, t.Listeners[0] with { Name = name, Bind = new IPEndPoint(IPAddress.Loopback, 0), Via = via }],
    });

    private ListenerSettings Changed(ListenerSettings listener, string what, IPEndPoint address, int turn) => what switch
    {
        "via" => listener with { Via = !listener.Via },
        "proxies" => listener with { TrustedProxies = turn % 2 == 0 ? [IPNetwork.Parse("127.0.0.0/8")] : [] },
        "loops" => listener with { Loops = 1 + (turn % 3) },
        "name" => listener with { Name = $"http{turn}", Bind = address },
        _ => listener with { Engine = turn % 2 == 0 ? Other : engine },
    };

    private static async Task<RawClient> KeptAsync(IPEndPoint address)
    {
        RawClient client = await RawClient.ConnectAsync(address);
        Assert.Equal("ok", (await AskAsync(client, "/mark")).Body);
        return client;
    }

    private static async Task<(string Head, string Body)> AskAsync(RawClient client, string path = "/")
    {
        await client.SendAsync(Get.Replace("GET /", $"GET {path}", StringComparison.Ordinal));
        return await client.ReadAnswerAsync();
    }

    private static async Task<ClientWebSocket> OpenAsync(IPEndPoint address)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{address}/ws"), CancellationToken.None);
        Assert.Equal("hello", await WebSocketTests.EchoAsync(socket, "hello"));
        return socket;
    }

    private static IPEndPoint FreeAddress() => new(IPAddress.Loopback, LoopbackPorts.Free("127.0.0.1", 1)[0]);
}
