using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class BalanceTests(ListenerEngine engine)
{
    [Theory]
    [InlineData(HashOn.Header, "X-User")]
    [InlineData(HashOn.Cookie, "user")]
    public async Task Requests_with_the_same_value_go_to_the_same_backend_and_those_without_go_round(HashOn on, string name)
    {
        await using var world = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, on, name));
        string Field(string value) => on == HashOn.Header ? $"x-uSER: {value}" : $"Cookie: a=b; user={value}; useR=0";

        var homes = new HashSet<string>();
        for (int user = 0; user < 60; user++)
        {
            string home = await world.GetAsync("/", Field($"user {user}"));
            homes.Add(home);
            Assert.Equal(home, await world.GetAsync("/other", Field($"user {user}")));
        }

        Assert.Equal(3, homes.Count);
        Assert.Equal(["a", "b", "c"], (await world.GetAllAsync("/", "X-Other: 1", "X-Other: 2", Field(""))).Order());
    }

    [Fact]
    public async Task A_path_is_the_same_however_it_is_written_and_without_its_query()
    {
        await using var world = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, HashOn.Path, ""));
        var homes = new HashSet<string>();
        for (int i = 0; i < 60; i++)
        {
            string home = await world.GetAsync($"/page/{i}");
            homes.Add(home);
            Assert.Equal(home, await GetRawAsync($"/%70age/{i}?x=1"));
            Assert.Equal(home, await GetRawAsync($"//page/./{i}"));
        }

        Assert.Equal(3, homes.Count);

        // Of HTTP/1.0, so that nothing stands behind the body.
        async Task<string> GetRawAsync(string path) => (await RawClient.ExchangeAsync(world.Lane.Endpoint, $"GET {path} HTTP/1.0\r\n\r\n"))[^1..];
    }

    [Fact]
    public async Task A_client_is_its_address_and_behind_a_trusted_proxy_the_one_that_is_named()
    {
        await using var world = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, HashOn.ClientAddress, ""));
        Assert.Single((await world.GetAllAsync("/", [.. Enumerable.Range(0, 12).Select(i => $"X-Forwarded-For: 10.1.2.{i}")])).Distinct());

        await using var behind = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, HashOn.ClientAddress, ""), trusts: true);
        Assert.Equal(3, (await behind.GetAllAsync("/", [.. Enumerable.Range(0, 60).Select(i => $"X-Forwarded-For: 10.1.2.{i}")])).Distinct().Count());
        Assert.Single((await behind.GetAllAsync("/", [.. Enumerable.Range(0, 12).Select(_ => "X-Forwarded-For: 10.1.2.3")])).Distinct());
    }

    [Fact]
    public async Task A_session_stays_where_it_is_whatever_its_key_says()
    {
        await using var world = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-User"), sticky: true);
        using HttpResponseMessage first = await world.SendAsync("/", "X-User: 0");
        string home = await first.Content.ReadAsStringAsync();
        string ticket = TestLane.TicketOf(first)!;
        for (int user = 1; user < 12; user++)
        {
            Assert.Equal(home, await world.GetAsync("/", $"X-User: {user}", $"Cookie: {ticket}"));
        }
    }

    [Theory]
    [InlineData(BalanceKind.LeastRequests)]
    [InlineData(BalanceKind.PowerOfTwo)]
    public async Task Who_has_requests_open_gets_fewer(BalanceKind kind)
    {
        var released = new TaskCompletionSource();
        await using SampleBackend busy = await SampleBackend.StartAsync(async c =>
        {
            await released.Task;
            await c.Response.WriteAsync("busy");
        });
        await using SampleBackend free = await SampleBackend.NamedAsync("free");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Sticky = false, Balance = BalanceSettings.RoundRobin with { Kind = kind } }, busy.Address, free.Address);
        Task<string> held = lane.GetAsync();
        await TestLane.UntilAsync(() => !busy.Seen.IsEmpty);

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("free", await lane.GetAsync());
        }

        released.SetResult();
        Assert.Equal("busy", await held);
    }

    [Fact]
    public async Task A_key_whose_backend_refuses_goes_where_it_goes_when_that_is_down()
    {
        await using var world = await World.StartAsync(engine, new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-User"));
        string[] users = [.. Enumerable.Range(0, 30).Select(i => $"X-User: {i}")];
        string[] before = await world.GetAllAsync("/", users);
        await world.Backends["b"].StopAsync();
        string[] refused = await world.GetAllAsync("/", users);
        world.Lane.Publish(world.Backends["b"].Address, Shared.Backends.BackendHealth.Down);

        Assert.Equal(refused, await world.GetAllAsync("/", users));
        Assert.All(before.Zip(refused), u => Assert.True(u.First == u.Second || u.First == "b"));
        Assert.DoesNotContain("b", refused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_serves_whom_the_others_refuse_and_nobody_else(bool sticky)
    {
        await using SampleBackend main = await SampleBackend.NamedAsync("main");
        await using SampleBackend backup = await SampleBackend.NamedAsync("backup");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Sticky = sticky, Backups = 1, PassiveFailures = 3 }, main.Address, backup.Address);
        lane.Publish(main.Address);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("main", await lane.GetAsync());
        }

        // The first of them before any circuit or verdict says so.
        await main.StopAsync();
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("backup", await lane.GetAsync());
        }

        lane.Publish(main.Address, Shared.Backends.BackendHealth.Down);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("backup", await answer.Content.ReadAsStringAsync());
        Assert.Equal(4, main.Seen.Count);
        if (sticky)
        {
            lane.Publish(main.Address);
            Assert.Equal("backup", await lane.GetAsync(cookie: TestLane.TicketOf(answer)));
        }
    }

    [Fact]
    public async Task A_policy_is_changed_while_requests_come()
    {
        await using var world = await World.StartAsync(engine, BalanceSettings.RoundRobin);
        Assert.Equal(["a", "b", "c"], await world.GetAllAsync("/", "X-User: 1", "X-User: 1", "X-User: 1"));

        await world.Lane.ApplyAsync(t => t.WithPool(t.Pools["web"] with { Balance = new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-User") }));
        Assert.Single((await world.GetAllAsync("/", "X-User: 1", "X-User: 1", "X-User: 1")).Distinct());

        await world.Lane.ApplyAsync(t => t.WithPool(t.Pools["web"] with { Balance = new BalanceSettings(BalanceKind.Hash, HashOn.Header, "X-Other") }));
        Assert.Equal(3, (await world.GetAllAsync("/", "X-User: 1", "X-User: 1", "X-User: 1")).Distinct().Count());
    }

    /// <summary>Three backends a, b and c behind a lane.</summary>
    private sealed class World(TestLane lane, Dictionary<string, SampleBackend> backends) : IAsyncDisposable
    {
        public TestLane Lane => lane;

        public Dictionary<string, SampleBackend> Backends => backends;

        public static async Task<World> StartAsync(ListenerEngine engine, BalanceSettings balance, bool sticky = false, bool trusts = false)
        {
            var backends = new Dictionary<string, SampleBackend>();
            foreach (string name in (string[])["a", "b", "c"])
            {
                backends[name] = await SampleBackend.NamedAsync(name);
            }

            var options = new LaneOptions { Sticky = sticky, Balance = balance, TrustedProxies = trusts ? [IPNetwork.Parse("127.0.0.0/8")] : [] };
            return new World(await TestLane.StartAsync(engine, options, [.. backends.Values.Select(b => b.Address)]), backends);
        }

        /// <param name="fields">Of the request, as "Name: value".</param>
        public async Task<HttpResponseMessage> SendAsync(string path, params string[] fields)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            foreach (string field in fields)
            {
                request.Headers.TryAddWithoutValidation(field[..field.IndexOf(':')], field[(field.IndexOf(':') + 1)..].Trim());
            }

            return await lane.Client.SendAsync(request);
        }

        public async Task<string> GetAsync(string path, params string[] fields)
        {
            using HttpResponseMessage response = await SendAsync(path, fields);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return await response.Content.ReadAsStringAsync();
        }

        /// <summary>One request for each field.</summary>
        public async Task<string[]> GetAllAsync(string path, params string[] fields)
        {
            var all = new List<string>();
            foreach (string field in fields)
            {
                all.Add(await GetAsync(path, field));
            }

            return [.. all];
        }

        public async ValueTask DisposeAsync()
        {
            await lane.DisposeAsync();
            foreach (SampleBackend backend in backends.Values)
            {
                await backend.DisposeAsync();
            }
        }
    }
}
