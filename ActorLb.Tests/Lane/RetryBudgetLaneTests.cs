using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class RetryBudgetLaneTests(ListenerEngine engine)
{
    private static readonly RetrySettings On503 = new(100, [new StatusRange(502, 504)]);

    private static Task<SampleBackend> SickAsync() => SampleBackend.StartAsync(c =>
    {
        c.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return c.Response.WriteAsync("sick");
    });

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task An_answer_with_a_status_that_is_tried_again_is_that_of_another_backend(string method)
    {
        await using SampleBackend sick = await SickAsync();
        await using SampleBackend well = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Retry = On503 }, sick.Address, well.Address);

        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(new HttpMethod(method), "/");
            Assert.Equal("well", await answer.Content.ReadAsStringAsync());
            Assert.Equal("well", await lane.GetAsync(cookie: TestLane.TicketOf(answer)));
        }

        Assert.NotEmpty(sick.Seen);
        Assert.Equal(sick.Seen.Count, lane.Plane.Routing.Pools["web"].Retries.Retries);
        Assert.Equal(0, lane.Traffic(sick.Address).Failures);
        await TestLane.UntilAsync(() => lane.Plane.Traffic.Values.All(t => t.InFlight == 0));
    }

    [Fact]
    public async Task What_may_not_be_repeated_gets_the_answer_that_there_is()
    {
        await using SampleBackend sick = await SickAsync();
        await using SampleBackend well = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Retry = On503, Sticky = false }, sick.Address, well.Address);

        using HttpResponseMessage post = await lane.SendAsync(HttpMethod.Post, "/");
        Assert.Equal("sick", await post.Content.ReadAsStringAsync());
        await lane.GetAsync();
        using HttpResponseMessage put = await lane.SendAsync(HttpMethod.Put, "/", content: new StringContent("body"));
        Assert.Equal("sick", await put.Content.ReadAsStringAsync());
        Assert.Equal(2, sick.Seen.Count);
    }

    [Fact]
    public async Task A_session_gets_the_answer_of_its_own_backend()
    {
        bool isSick = false;
        await using SampleBackend a = await SampleBackend.StartAsync(c =>
        {
            c.Response.StatusCode = isSick ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return c.Response.WriteAsync("a");
        });
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Retry = On503 }, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("a", await first.Content.ReadAsStringAsync());

        isSick = true;
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/", TestLane.TicketOf(first));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Empty(b.Seen);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(9, 3)]
    [InlineData(0, 1)]
    public async Task Where_all_answer_so_the_client_gets_the_last_answer_after_so_many_attempts(int attempts, int asked)
    {
        await using SampleBackend a = await SickAsync();
        await using SampleBackend b = await SickAsync();
        await using SampleBackend c = await SickAsync();
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Retry = On503, RetryAttempts = attempts, Sticky = false }, a.Address, b.Address, c.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("sick", await answer.Content.ReadAsStringAsync());
        int total = a.Seen.Count + b.Seen.Count + c.Seen.Count;
        Assert.True(attempts == 9 ? total == 10 : total == asked, $"{total}");
    }

    [Fact]
    public async Task Statuses_that_are_not_named_are_answers_and_the_only_backend_is_asked_once()
    {
        await using SampleBackend sick = await SickAsync();
        await using SampleBackend well = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Retry = new RetrySettings(100, [new StatusRange(500, 502)]), Sticky = false }, sick.Address, well.Address);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("sick", await answer.Content.ReadAsStringAsync());

        await using TestLane alone = await TestLane.StartAsync(engine, new LaneOptions { Retry = On503, Sticky = false }, sick.Address);
        using HttpResponseMessage only = await alone.SendAsync(HttpMethod.Get, "/");
        Assert.Equal("sick", await only.Content.ReadAsStringAsync());
        Assert.Equal(2, sick.Seen.Count);
    }

    [Fact]
    public async Task Beyond_the_budget_the_client_gets_what_went_wrong_until_the_pool_says_otherwise()
    {
        await using SampleBackend sick = await SickAsync();
        await using SampleBackend well = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Retry = On503 with { BudgetPercent = 0 }, Sticky = false }, sick.Address, well.Address);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
            Assert.Equal("sick", await answer.Content.ReadAsStringAsync());
            Assert.Equal("well", await lane.GetAsync());
        }

        Assert.Equal((0L, 3L), (lane.Plane.Routing.Pools["web"].Retries.Retries, lane.Plane.Routing.Pools["web"].Retries.Refused));
        await lane.ApplyAsync(t => t.WithPool(t.Pools["web"] with { Retry = On503 }));
        Assert.Equal("well", await lane.GetAsync());
        Assert.Equal("well", await lane.GetAsync());
    }

    [Fact]
    public async Task Refused_connections_are_outside_of_the_budget()
    {
        (Uri refusing, var owner) = NoBackend.Refusing();
        using var _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Retry = new RetrySettings(0, []), Sticky = false }, refusing, b.Address);

        for (int i = 0; i < 40; i++)
        {
            Assert.Equal("b", await lane.GetAsync());
        }

        Assert.Equal(0, lane.Plane.Routing.Pools["web"].Retries.Refused);
    }

    [Fact]
    public async Task Connections_that_time_out_are_within_it()
    {
        (Uri silent, IDisposable owner) = await NoBackend.SilentAsync();
        using var _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Retry = new RetrySettings(0, []), Sticky = false, ConnectTimeout = TimeSpan.FromMilliseconds(300) }, silent, b.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal("connect-timeout", TestLane.ReasonOf(answer));
        Assert.Equal(1, lane.Plane.Routing.Pools["web"].Retries.Refused);
    }
}
