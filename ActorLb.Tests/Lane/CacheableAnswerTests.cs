using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>A ticket is one client's: no cache gets it to give to others.</summary>
public abstract class CacheableAnswerTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("public, max-age=60", false)]
    [InlineData("max-age=31536000, immutable", false)]
    [InlineData("private, max-age=60", true)]
    [InlineData("no-cache", true)]
    public async Task An_answer_that_others_may_be_given_brings_no_ticket(string control, bool expected)
    {
        await using SampleBackend backend = await Saying(control);
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(expected, TestLane.TicketOf(answer) is not null);
        Assert.Equal(control, answer.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal((expected ? 1 : 0, expected ? 0 : 1), (lane.Plane.SessionCounters.Issued, lane.Plane.SessionCounters.Withheld));
    }

    [Fact]
    public async Task A_session_begins_with_the_first_answer_that_is_its_clients_own()
    {
        await using SampleBackend a = await Saying("private");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        using HttpResponseMessage asset = await lane.SendAsync(HttpMethod.Get, "/asset");
        using HttpResponseMessage page = await lane.SendAsync(HttpMethod.Get, "/");
        using HttpResponseMessage again = await lane.SendAsync(HttpMethod.Get, "/asset", TestLane.TicketOf(page));

        Assert.Null(TestLane.TicketOf(asset));
        Assert.NotNull(TestLane.TicketOf(page));
        Assert.Null(TestLane.TicketOf(again));
        Assert.Equal(1, lane.Plane.SessionCounters.Withheld);
    }

    [Fact]
    public async Task The_operator_may_know_that_no_cache_is_there()
    {
        await using SampleBackend backend = await Saying("public");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { TicketsOnCacheable = true }, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.NotNull(TestLane.TicketOf(answer));
    }

    private static Task<SampleBackend> Saying(string control) => SampleBackend.StartAsync(c =>
    {
        c.Response.Headers.CacheControl = c.Request.Path == "/asset" ? "public, max-age=60" : control;
        return Task.CompletedTask;
    });
}
