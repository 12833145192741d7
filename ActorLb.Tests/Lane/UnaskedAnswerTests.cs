using System.Net;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a backend says although nobody asked: it reaches no client.</summary>
public abstract class UnaskedAnswerTests(ListenerEngine engine)
{
    private const int Rounds = 20;

    private const string Poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

    [Theory]
    [InlineData(Poison)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("x")]
    public async Task What_comes_over_a_kept_connection_before_its_next_request_is_nobodys_answer(string unasked)
    {
        RawConnection? last = null;
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                last = connection;
                await connection.AnswerAsync(head.Split(' ')[1]);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        using RawClient other = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 1; i <= 3; i++)
        {
            await GetsItsOwnAsync(client, $"/{i}");
            await last!.WriteAsync(unasked);
            await SpokeAsync(lane, backend, i);
            await GetsItsOwnAsync(other, $"/other/{i}");
            lane.Traffic(backend.Address).Idle.Spoke(-IdleLimitState.MistrustTime);
        }

        Assert.Equal(6, backend.Requests);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_backend_that_spoke_unasked_once_is_asked_on_a_new_connection_each_time()
    {
        RawConnection? last = null;
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                last = connection;
                await connection.AnswerAsync(head.Split(' ')[1]);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        await GetsItsOwnAsync(client, "/1");
        await GetsItsOwnAsync(client, "/2");
        Assert.Equal(1, backend.Connections);
        await last!.WriteAsync(Poison);
        await SpokeAsync(lane, backend, 1);

        for (int i = 0; i < 5; i++)
        {
            await GetsItsOwnAsync(client, $"/{i}");
        }

        Assert.Equal(6, backend.Connections);
        Assert.True(lane.Traffic(backend.Address).Idle.State.IsMistrusted(lane.Traffic(backend.Address).Idle.State.SpokeAt!.Value));
    }

    [Fact]
    public async Task A_backend_that_says_408_on_an_unused_connection_has_closed_it()
    {
        RawConnection? last = null;
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            last = connection;
            await connection.AnswerAsync("well");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1 }, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Equal("well", (await client.ReadAnswerAsync()).Body);
            await last!.WriteAsync("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            last.Close();
            await TestLane.UntilAsync(() => lane.Traffic(backend.Address).Idle.State.ClosedAfter is not null);
        }

        Assert.Equal(0, lane.Traffic(backend.Address).UnaskedAnswers);
    }

    [Fact]
    public async Task What_a_backend_says_before_its_first_request_is_refused_by_name()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.WriteAsync(Poison);
            await connection.ReadHeadAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Loops = 1, Sticky = false }, backend.Address);
        int refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                refused++;
                Assert.Equal("backend-bad-response", TestLane.ReasonOf(answer));
                Assert.Contains("before it was asked", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        // Where the request was quicker, nothing tells its bytes from an answer.
        Assert.Equal(refused, lane.Traffic(backend.Address).UnaskedAnswers);
        Assert.Equal(refused, lane.Traffic(backend.Address).Failures);
    }

    // Counted, and mistrusted for it.
    private static Task SpokeAsync(TestLane lane, RawBackend backend, int times) => TestLane.UntilAsync(() =>
        lane.Traffic(backend.Address).UnaskedAnswers == times && lane.Traffic(backend.Address).Idle.State.SpokeAt > -IdleLimitState.MistrustTime);

    private static async Task GetsItsOwnAsync(RawClient client, string path)
    {
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(path, (await client.ReadAnswerAsync()).Body);
    }
}
