using System.Net;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class RetryTests(ListenerEngine engine)
{
    [Fact]
    public async Task A_refused_connection_goes_to_the_next_backend_and_is_counted()
    {
        (Uri refusing, var owner) = NoBackend.Refusing();
        using var _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, refusing, b.Address);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("b", await lane.GetAsync());
        }

        Assert.True(lane.Traffic(refusing).Failures > 0);
        Assert.Equal(4, b.Seen.Count);
        Assert.Equal(0, lane.Traffic(refusing).InFlight);
    }

    [Theory]
    [InlineData(8, 1, HttpStatusCode.OK)]
    [InlineData(9, 1, HttpStatusCode.OK)]
    [InlineData(10, 1, HttpStatusCode.BadGateway)]
    [InlineData(1, 0, HttpStatusCode.BadGateway)]
    public async Task Eight_refused_connections_are_not_counted_where_there_are_retries_at_all(int refusing, int attempts, HttpStatusCode expected)
    {
        (Uri Address, IDisposable Owner)[] gone = [.. Enumerable.Range(0, refusing).Select(_ => NoBackend.Refusing())];
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { RetryAttempts = attempts }, [.. gone.Select(g => g.Address), b.Address]);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(expected, response.StatusCode);
        Array.ForEach(gone, g => g.Owner.Dispose());
    }

    [Fact]
    public async Task A_post_whose_connection_is_refused_arrives_whole_at_the_next_backend()
    {
        (Uri refusing, var owner) = NoBackend.Refusing();
        using var _ = owner;
        await using SampleBackend b = await SampleBackend.StartAsync(c => c.Request.Body.CopyToAsync(c.Response.Body));
        await using TestLane lane = await TestLane.StartAsync(engine, refusing, b.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent("the body"));

        Assert.Equal("the body", await response.Content.ReadAsStringAsync());
        Assert.Single(b.Seen);
    }

    [Fact]
    public async Task A_connection_that_times_out_goes_to_the_next_backend()
    {
        (Uri silent, IDisposable owner) = await NoBackend.SilentAsync();
        using var _ = owner;
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, silent, b.Address);

        Assert.Equal("b", await lane.GetAsync());
        Assert.Equal(1, lane.Traffic(silent).Failures);
    }

    [Fact]
    public async Task Connections_that_all_time_out_are_answered_with_504_connect_timeout()
    {
        (Uri silent, IDisposable owner) = await NoBackend.SilentAsync();
        using var _ = owner;
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) }, silent);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("connect-timeout", TestLane.ReasonOf(response));
    }

    [Fact]
    public async Task No_more_backends_that_take_time_are_tried_than_the_attempts_allow()
    {
        (Uri one, IDisposable first) = await NoBackend.SilentAsync();
        (Uri two, IDisposable second) = await NoBackend.SilentAsync();
        using var _ = first;
        using var __ = second;
        await using SampleBackend c = await SampleBackend.NamedAsync("c");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { RetryAttempts = 1, ConnectTimeout = TimeSpan.FromMilliseconds(300) }, one, two, c.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal("connect-timeout", TestLane.ReasonOf(response));
        Assert.Empty(c.Seen);
    }

    /// <summary>Answers the first request of its first connection, and breaks it at the second; later connections work.</summary>
    private static RawBackend BreaksReusedConnections(bool reset) => new(async connection =>
    {
        bool breaks = connection.Number == 1;
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.AnswerAsync($"connection {connection.Number}");
            if (breaks)
            {
                await connection.ReadHeadAsync();
                if (reset)
                {
                    connection.Reset();
                }

                return;
            }
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_get_on_a_reused_connection_that_breaks_is_sent_again_to_the_same_backend(bool reset)
    {
        await using RawBackend backend = BreaksReusedConnections(reset);
        await using SampleBackend other = await SampleBackend.NamedAsync("other");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address, other.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(first)!;

        Assert.Equal("connection 2", await lane.GetAsync(cookie: ticket));

        Assert.Equal(3, backend.Requests);
        Assert.Empty(other.Seen);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_post_on_a_reused_connection_that_breaks_is_not_sent_again(bool reset, bool withBody)
    {
        await using RawBackend backend = BreaksReusedConnections(reset);
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        await lane.GetAsync();

        using HttpResponseMessage response = await lane.SendAsync(
            HttpMethod.Post, "/", content: withBody ? new StringContent("body") : null);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("backend-reset", TestLane.ReasonOf(response));
        Assert.Equal(2, backend.Requests);
        Assert.Equal(1, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_get_on_a_fresh_connection_that_breaks_is_not_sent_again(bool reset)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        await using SampleBackend other = await SampleBackend.NamedAsync("other");
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address, other.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("backend-reset", TestLane.ReasonOf(response));
        Assert.Equal(1, backend.Requests);
        Assert.Empty(other.Seen);
        Assert.Equal(1, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_request_that_a_backend_is_silent_about_is_not_sent_again()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.UntilClosedAsync();
        });
        await using SampleBackend other = await SampleBackend.NamedAsync("other");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { ResponseTimeout = TimeSpan.FromMilliseconds(300) }, backend.Address, other.Address);

        using HttpResponseMessage response = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("backend-timeout", TestLane.ReasonOf(response));
        Assert.Empty(other.Seen);
    }

    [Theory]
    [InlineData("BackendConnectFailed", "POST", false, true)]
    [InlineData("BackendConnectFailed", "POST", true, false)]
    [InlineData("ConnectTimeout", "PATCH", false, true)]
    [InlineData("BackendStale", "GET", false, true)]
    [InlineData("BackendStale", "PUT", false, true)]
    [InlineData("BackendStale", "PUT", true, false)]
    [InlineData("BackendStale", "POST", false, false)]
    [InlineData("BackendStale", "PATCH", false, false)]
    [InlineData("BackendStale", "BREW", false, false)]
    [InlineData("BackendReset", "GET", false, false)]
    [InlineData("BackendTimeout", "GET", false, false)]
    [InlineData("BackendBadResponse", "GET", false, false)]
    public void Only_what_no_backend_can_have_acted_on_is_sent_again(string failure, string method, bool isBodyGone, bool allowed) =>
        Assert.Equal(allowed, RetryPolicy.Allows(Enum.Parse<FailureReason>(failure), RequestMethods.Find(Encoding.ASCII.GetBytes(method)), isBodyGone));

    [Fact]
    public void Every_failure_has_its_line_in_the_table()
    {
        foreach (FailureReason reason in Enum.GetValues<FailureReason>().Where(r => r is not (FailureReason.None or FailureReason.AnsweredByRoute)))
        {
            FailureAnswer answer = FailureAnswer.Of(reason);
            Assert.Equal(reason, answer.Reason);
            Assert.InRange(answer.Status, StatusCodes.Status400BadRequest, 599);
            Assert.Matches("^[a-z]+(-[a-z]+)*$", answer.Name);
        }
    }
}
