using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What is counted is what clients saw.</summary>
public abstract class MeasurementTests(ListenerEngine engine)
{
    private const int Clients = 8;
    private const int RequestsEach = 250;
    private const string Host = "shop.test";

    private static readonly string[] Asked =
    [
        "GET /200", "GET /201", "GET /204", "GET /302", "GET /404", "GET /500", "GET /503", "GET /chunks", "HEAD /200", "POST /200", "POST /404",
        "GET /reset", "GET /garbage", "GET /half", "GET /echo", "GET /own", "GET /refused", "POST /large", "none", "bad",
    ];

    [Fact]
    public async Task Thousands_of_requests_of_every_outcome_are_counted_as_their_clients_saw_them()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using var backend = new MeasuredBackend();
        await using TestLane lane = await StartAsync(backend.Address, refusing);
        var seen = new Tally();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => AskAsync(lane, new Random(c), seen)));

        // A client has the last byte a moment before its request is over, and that is counted number by number: when its connection is over, all is.
        await TestLane.UntilAsync(() => lane.Plane.Connections.Open == 0);
        NodeFigures figures = lane.Plane.Measurements.Read();
        Assert.Equal(Clients * RequestsEach, figures.Routes.Sum(r => r.Requests.Count));
        Compare(seen, "total", figures.Routes.Aggregate(RequestFigures.Empty, (sum, r) => sum.Add(r.Requests)));
        Compare(seen, "web", figures.Routes.Single(r => r is { Route: Host + "/", Pool: "web" }).Requests);
        Compare(seen, "web", figures.Pools.Single(p => p.Pool == "web").Requests);
        Compare(seen, "web", figures.Backends.Single(b => b.Backend == backend.Address.Authority).Requests);
        Compare(seen, "dead", figures.Routes.Single(r => r is { Route: Host + "/refused", Pool: "dead" }).Requests);
        Compare(seen, "dead", figures.Backends.Single(b => b.Backend == refusing.Authority).Requests);
        Compare(seen, "own", figures.Routes.Single(r => r is { Route: Host + "/own (exact)", Pool: "" }).Requests);
        Compare(seen, "large", figures.Routes.Single(r => r is { Route: Host + "/", Pool: "" }).Requests);
        Compare(seen, "unrouted", figures.Routes.Single(r => r.Route.Length == 0).Requests);

        ListenerRequests byListener = Assert.Single(lane.Plane.Connections.Listeners).Value.Requests;
        Assert.Equal(Enumerable.Range(0, 6).Select(c => seen[$"total {c}"]), Enumerable.Range(0, 6).Select(byListener.CountOf));

        RequestFigures web = figures.Pools.Single(p => p.Pool == "web").Requests;
        Assert.Equal(seen["first bytes"], web.FirstByte.Count);
        Assert.Equal(backend.Connections, web.Connect.Count);
        Assert.Equal((0, 0), (web.Queue.Count, web.Retries));
        Assert.True(web.FirstByte.Sum <= web.Whole.Sum);
    }

    [Fact]
    public async Task A_client_that_left_is_counted_as_499()
    {
        await using var backend = new MeasuredBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions(), backend.Address);
        for (int i = 1; i <= 10; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
            await TestLane.UntilAsync(() => backend.Requests == i);
            client.Reset();
        }

        await TestLane.UntilAsync(() => lane.Plane.Connections.Open == 0);
        Assert.Equal(10, Web(lane).Count);
        Assert.Equal((10, 10, 0), (Web(lane).CountOf(4), Web(lane).CountOf(FailureReason.ClientGone), Web(lane).FirstByte.Count));
    }

    [Fact]
    public async Task What_is_tried_again_is_one_request_and_a_retry()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using var backend = new MeasuredBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, refusing, backend.Address);
        for (int i = 0; i < 10; i++)
        {
            await lane.GetAsync("/200");
        }

        // Retries are counted last of what is counted of a request.
        long refusals = lane.Traffic(refusing).Requests;
        await TestLane.UntilAsync(() => Web(lane) is { Count: 10 } web && web.Retries == refusals);
        Assert.InRange(refusals, 1, 10);
        Assert.Equal((10, refusals, 0), (Web(lane).CountOf(2), Web(lane).Retries, Web(lane).CountOf(FailureReason.BackendConnectFailed)));
        NodeFigures figures = lane.Plane.Measurements.Read();
        Assert.Equal(0, figures.Backends.Single(b => b.Backend == refusing.Authority).Requests.Count);
    }

    [Fact]
    public async Task Waits_for_a_place_are_measured_whether_they_were_in_vain_or_not()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var held = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await released.Task;
                await connection.AnswerAsync("done");
            }
        });
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { MaxConnections = 1, Queue = new QueueSettings(10, TimeSpan.FromSeconds(2)) }, held.Address);
        Task<string> first = lane.GetAsync();
        await TestLane.UntilAsync(() => held.Requests == 1);
        using HttpResponseMessage refused = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        Task<string> second = lane.GetAsync();
        await TestLane.UntilAsync(() => lane.Traffic(held.Address).Gate.Waiting == 1);
        released.SetResult();
        await Task.WhenAll(first, second);

        await TestLane.UntilAsync(() => Web(lane).Count == 3);
        Assert.Equal((2, 1), (Web(lane).Queue.Count, Web(lane).CountOf(FailureReason.QueueTimeout)));
        Assert.InRange(Web(lane).Queue.Sum, TimeSpan.FromSeconds(1.9), TimeSpan.FromMinutes(1));
        RouteFigures route = Routes(lane).Single(r => r.Pool == "web");
        Assert.Equal(2, route.Requests.Queue.Count);
    }

    [Fact]
    public async Task What_is_removed_is_no_longer_told_and_what_stays_goes_on_counting()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using var backend = new MeasuredBackend();
        await using TestLane lane = await StartAsync(backend.Address, refusing);
        await RawClient.ExchangeAsync(lane.Endpoint, $"GET /200 HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        await RawClient.ExchangeAsync(lane.Endpoint, $"GET /refused HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        await TestLane.UntilAsync(() => Routes(lane).Sum(r => r.Requests.Count) == 2);

        await lane.ApplyAsync((Topology t) => t with { Routes = [t.Routes[0]], Pools = t.Pools.Remove("dead") });

        NodeFigures figures = lane.Plane.Measurements.Read();
        Assert.Equal([("", ""), (Host + "/", ""), (Host + "/", "web")], figures.Routes.Select(r => (r.Route, r.Pool)).Order());
        Assert.Equal(["web"], figures.Pools.Select(p => p.Pool));
        Assert.Equal([backend.Address.Authority], figures.Backends.Select(b => b.Backend));
        Assert.Equal(1, Web(lane).Count);
    }

    [Fact]
    public async Task A_pool_keeps_what_was_counted_of_a_backend_that_leaves_it()
    {
        await using var one = new MeasuredBackend();
        await using var other = new MeasuredBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions(), one.Address, other.Address);
        for (int i = 0; i < 10; i++)
        {
            await RawClient.ExchangeAsync(lane.Endpoint, $"GET /200 HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        }

        await TestLane.UntilAsync(() => Web(lane).Count == 10);
        RequestFigures before = Web(lane);
        PoolSettings pool = lane.Plane.Topology.Pools["web"];
        pool = pool with { Backends = [pool.Backends[0]] };
        lane.Plane.Apply(lane.Plane.Topology.WithPool(pool));
        lane.Plane.Publish(RoutingSnapshots.Pool(
            pool,
            _ => new BackendCondition(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, false, 1),
            id => lane.Plane.Traffic[new BackendName("web", id)],
            lane.Plane.Cursors["web"]));
        Assert.Equal(10, Web(lane).Count);
        await TestLane.UntilAsync(() =>
        {
            lane.Plane.ForgetGone();
            return lane.Plane.Traffic.Count == 1;
        });

        NodeFigures figures = lane.Plane.Measurements.Read();
        Assert.Equal((10, before.BytesSent, before.Connect.Count, before.FirstByte.Count), (Web(lane).Count, Web(lane).BytesSent, Web(lane).Connect.Count, Web(lane).FirstByte.Count));
        Assert.Equal(5, Assert.Single(figures.Backends).Requests.Count);
    }

    private static RequestFigures Web(TestLane lane) => lane.Plane.Measurements.Read().Pools.Single(p => p.Pool == "web").Requests;

    private static IReadOnlyList<RouteFigures> Routes(TestLane lane) => lane.Plane.Measurements.Read().Routes;

    private static void Compare(Tally seen, string subject, RequestFigures counted)
    {
        for (int statusClass = 0; statusClass <= 5; statusClass++)
        {
            Assert.Equal((subject, statusClass, seen[$"{subject} {statusClass}"]), (subject, statusClass, counted.CountOf(statusClass)));
        }

        foreach (IGrouping<string, FailureReason> reasons in Enum.GetValues<FailureReason>().Where(r => r != FailureReason.None).GroupBy(r => FailureAnswer.Of(r).Name))
        {
            Assert.Equal((subject, reasons.Key, seen[$"{subject} {reasons.Key}"]), (subject, reasons.Key, reasons.Sum(counted.CountOf)));
        }

        Assert.Equal((subject, seen[$"{subject} received"], seen[$"{subject} sent"]), (subject, counted.BytesReceived, counted.BytesSent));
    }

    private static async Task AskAsync(TestLane lane, Random random, Tally seen)
    {
        for (int i = 0; i < RequestsEach;)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            bool keeps = true;
            for (; keeps && i < RequestsEach; i++)
            {
                keeps = await AskAsync(client, Asked[random.Next(Asked.Length)], seen);
            }
        }
    }

    // False where the connection ends with it.
    private static async Task<bool> AskAsync(RawClient client, string what, Tally seen)
    {
        int bodyLength = what switch { "POST /large" => 2000, _ when what.StartsWith("POST", StringComparison.Ordinal) => 700, _ => 0 };
        await client.SendAsync(what switch
        {
            "none" => "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n",
            "bad" => "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
            "GET /echo" => $"GET /echo HTTP/1.1\r\nHost: {Host}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n0123456789",
            _ => $"{what} HTTP/1.1\r\nHost: {Host}\r\nContent-Length: {bodyLength}\r\n\r\n{new string('x', bodyLength)}",
        });
        string head = await client.ReadHeadAsync();
        int status = int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture);
        string? length = Field(head, "Content-Length");
        string body = what switch
        {
            "HEAD /200" => "",
            "GET /chunks" => (await client.Stream.ReadChunksAsync()).Body,
            "GET /half" or "GET /echo" => await client.ReadToEndAsync(),
            _ => length is null ? "" : await client.Stream.ReadTextAsync(int.Parse(length, CultureInfo.InvariantCulture)),
        };
        string? reason = what switch { "GET /half" => "backend-reset", "GET /own" => "answered-by-route", _ => Field(head, FailureAnswer.Header) };
        string subject = what switch
        {
            "GET /own" => "own",
            "GET /refused" => "dead",
            "POST /large" => "large",
            "none" or "bad" => "unrouted",
            _ => "web",
        };
        foreach (string of in (string[])[subject, "total"])
        {
            seen.Add($"{of} {status / 100}", 1);
            seen.Add($"{of} {reason}", 1);
            seen.Add($"{of} received", what switch { "POST /large" => 0, "GET /echo" => 10, _ => bodyLength });
            seen.Add($"{of} sent", body.Length);
        }

        seen.Add("first bytes", subject == "web" && what != "GET /reset" ? 1 : 0);
        return what is not ("GET /half" or "GET /echo") && Field(head, "Connection") != "close";
    }

    private static string? Field(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private async Task<TestLane> StartAsync(Uri backend, Uri refusing)
    {
        var options = new LaneOptions { Sticky = false, RetryAttempts = 0, BodyBytesMax = 1000, Host = Host, Upgrades = ["echo"] };
        TestLane lane = await TestLane.StartAsync(engine, options, backend);
        await lane.ApplyAsync((Topology t) => t with
        {
            Routes =
            [
                t.Routes[0],
                new RouteSettings(Host, "/own", "") { IsExact = true, Filters = RouteFilterSettings.None with { Redirect = new RedirectSettings("https://{host}/", 308) } },
                new RouteSettings(Host, "/refused", "dead"),
            ],
            Pools = t.Pools.Add("dead", t.Pools["web"] with { Name = "dead", Backends = [new BackendSettings(refusing.Authority, refusing, 1)] }),
        });
        return lane;
    }

    private sealed class Tally
    {
        private readonly ConcurrentDictionary<string, long> _counts = new();

        public long this[string what] => _counts.GetValueOrDefault(what);

        public void Add(string what, long count) => _counts.AddOrUpdate(what, count, (_, before) => before + count);
    }
}
