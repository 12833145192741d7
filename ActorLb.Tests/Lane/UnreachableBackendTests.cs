using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Sessions whose backend cannot be connected to, or fails what one client asks of it.</summary>
public abstract class UnreachableBackendTests(ListenerEngine engine)
{
    private static readonly LaneOptions ThreeFailures = new() { PassiveFailures = 3 };

    public static TheoryData<string> WhatAClientCanBringAbout() => ["reset", "end", "nonsense", "early answer", "broken answer"];

    [Theory]
    [MemberData(nameof(WhatAClientCanBringAbout))]
    public async Task What_one_client_brings_about_opens_no_circuit_and_moves_nobody_else(string what)
    {
        await using var a = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                if (!head.StartsWith("POST", StringComparison.Ordinal))
                {
                    await connection.AnswerAsync("a");
                    continue;
                }

                switch (what)
                {
                    case "nonsense":
                        await connection.WriteAsync("SSH-2.0-OpenSSH\r\n\r\n");
                        break;
                    case "early answer":
                        await connection.WriteAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                        break;
                    case "broken answer":
                        await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                        break;
                    case "reset":
                        connection.Reset();
                        break;
                }

                return;
            }
        });
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, ThreeFailures, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string other = TestLane.TicketOf(first)!;
        using HttpResponseMessage theirs = await lane.SendAsync(HttpMethod.Get, "/", other);
        for (int i = 0; i < 20; i++)
        {
            try
            {
                using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/upload", other, new ByteArrayContent(new byte[100_000]));
            }
            catch (HttpRequestException)
            {
                // As the backend would have it.
            }

            Assert.Equal("a", await lane.GetAsync(cookie: other));
        }

        Assert.False(lane.Traffic(a.Address).CircuitOpen);
        Assert.Equal(0, lane.Plane.SessionCounters.Rebound + lane.Plane.SessionCounters.ReboundAlone);
        Assert.Equal(what == "early answer" ? ProbeReason.None : ProbeReason.RequestsFailed, lane.Traffic(a.Address).TakeProbeWanted());
    }

    [Fact]
    public async Task A_session_waits_for_its_backend_that_opens_its_port_again_and_stays()
    {
        (Uri closed, Socket port) = NoBackend.Refusing();
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, closed, b.Address);
        string ticket = TicketOf(lane, closed);

        Task<HttpResponseMessage> request = lane.SendAsync(HttpMethod.Post, "/", ticket, new StringContent("body"));
        await TestLane.UntilAsync(() => lane.Traffic(closed).Failures > 1);
        port.Listen();
        using Socket connection = await port.AcceptAsync();
        await connection.ReceiveAsync(new byte[1]);
        await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"));

        using HttpResponseMessage answer = await request;
        Assert.Equal("a", await answer.Content.ReadAsStringAsync());
        Assert.Empty(b.Seen);
        Assert.Equal(0, lane.Plane.SessionCounters.ReboundAlone);
        port.Dispose();
    }

    [Fact]
    public async Task A_session_whose_backend_refuses_goes_to_its_new_home_as_soon_as_the_verdict_is_down()
    {
        (Uri closed, Socket port) = NoBackend.Refusing();
        using Socket _ = port;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { ConnectTimeout = TimeSpan.FromMinutes(5) }, closed, b.Address);
        string ticket = TicketOf(lane, closed);

        Task<string> request = lane.GetAsync(cookie: ticket);
        ProbeReason wanted = ProbeReason.None;
        await TestLane.UntilAsync(() => (wanted |= lane.Traffic(closed).TakeProbeWanted()) != ProbeReason.None);
        Assert.Equal(ProbeReason.ConnectsFailed, wanted);
        Judge(lane, closed, BackendHealth.Down);

        Assert.Equal("b", await request);
        Assert.Equal("b", await lane.GetAsync(cookie: ticket));
    }

    [Fact]
    public async Task Sessions_of_a_silent_backend_wait_for_the_verdict_and_not_for_connects_of_their_own()
    {
        (Uri silent, IDisposable owner) = await NoBackend.SilentAsync();
        using IDisposable _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { ConnectTimeout = TimeSpan.FromMinutes(5) }, silent, b.Address);
        string ticket = TicketOf(lane, silent);
        lane.Traffic(silent).FallSilent(lane.Plane.Time.GetTimestamp());

        Task<string>[] requests = [.. Enumerable.Range(0, 20).Select(_ => lane.GetAsync(cookie: ticket))];
        await TestLane.UntilAsync(() => lane.Traffic(silent).Held == 20);
        Assert.Equal(0, lane.Traffic(silent).Requests);
        Judge(lane, silent, BackendHealth.Down);

        Assert.All(await Task.WhenAll(requests), answer => Assert.Equal("b", answer));
        Assert.Equal(0, lane.Traffic(silent).Requests);
        Assert.Equal(0, lane.Traffic(silent).Held);
    }

    [Fact]
    public async Task A_session_moves_from_a_backend_that_this_node_alone_cannot_reach_when_it_has_tried_again()
    {
        (Uri silent, IDisposable owner) = await NoBackend.SilentAsync();
        using IDisposable _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, silent, b.Address);
        string ticket = TicketOf(lane, silent);

        Task<string> request = lane.GetAsync(cookie: ticket);
        await TestLane.UntilAsync(() => lane.Traffic(silent).Held > 0);
        lane.Plane.Confirm(new BackendName("web", silent.Authority));

        Assert.Equal("b", await request);
        Assert.Equal(2, lane.Traffic(silent).Requests);
        Assert.Equal(1, lane.Traffic(silent).UnreachedMoves);
    }

    [Fact]
    public async Task Statuses_open_the_circuit_once_enough_clients_got_them()
    {
        await using SampleBackend a = await SampleBackend.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            ThreeFailures with { PassiveStatuses = [new StatusRange(500, 599)], TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] },
            a.Address);
        for (int i = 0; i < 10; i++)
        {
            await AskFor(lane, "192.0.2.1");
            await AskFor(lane, "2001:db8:0:1::" + i);
            await AskFor(lane, "192.0.2.99, 192.0.2.1, 127.0.0.9");
        }

        Assert.False(lane.Traffic(a.Address).CircuitOpen);
        await AskFor(lane, "192.0.2.2");
        await TestLane.UntilAsync(() => lane.Traffic(a.Address).CircuitOpen);
        Assert.Equal(TimeSpan.FromSeconds(10), lane.Traffic(a.Address).Circuit!.AtLeast);

        // Probes do not open it sooner than that, nor do the answers of the sessions that live there.
        await AskFor(lane, "192.0.2.3");
        Assert.True(lane.Traffic(a.Address).CircuitOpen);
    }

    private static async Task AskFor(TestLane lane, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("body") };
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", client);
        using HttpResponseMessage response = await lane.Client.SendAsync(request);
        Assert.Equal(503, (int)response.StatusCode);
    }

    /// <summary>The cookie of a session that lives on this backend.</summary>
    private static string TicketOf(TestLane lane, Uri backend)
    {
        PoolSnapshot pool = lane.Plane.Routing.Pools["web"];
        BackendSnapshot home = pool.Find(BackendKey.Of(backend.Authority))!;
        uint now = (uint)lane.Plane.Time.GetUtcNow().ToUnixTimeSeconds();
        var binding = new Shared.Sessions.Binding(SessionIds.Next(), home.Key, 1, now);
        var codec = new TicketCodec(lane.Plane.Topology.Pools["web"].Affinity.KeysWith(lane.Plane.Keys), "web");
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        codec.Seal(binding, text);
        return "ALB=" + new string(text);
    }

    /// <summary>What a control plane would publish: everybody else is up.</summary>
    private static void Judge(TestLane lane, Uri backend, BackendHealth health)
    {
        PoolSettings settings = lane.Plane.Topology.Pools["web"];
        lane.Plane.Publish(RoutingSnapshots.Pool(
            settings,
            id => new BackendCondition(
                id == backend.Authority ? health : BackendHealth.Up, lane.Plane.Time.GetUtcNow(), OperatorState.Ready, null, false, 1),
            id => lane.Plane.Traffic[new BackendName("web", id)],
            lane.Plane.Cursors["web"]));
    }
}
