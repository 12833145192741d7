using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Which connection to a backend may carry the next request.</summary>
public abstract class BackendConnectionTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    public async Task A_connection_whose_answer_cannot_be_read_is_closed_and_not_used_again(string nonsense)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            if (connection.Number > 1)
            {
                await connection.AnswerAsync("well");
                return;
            }

            await connection.WriteAsync(nonsense);
            try
            {
                await connection.UntilClosedAsync();
            }
            finally
            {
                closed.SetResult();
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", (await client.ReadAnswerAsync()).Head, StringComparison.Ordinal);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal("well", (await client.ReadAnswerAsync()).Body);
        Assert.Equal((2, 2), (backend.Connections, backend.Requests));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")]
    [InlineData("x")]
    public async Task What_a_backend_says_beyond_its_answer_is_nobodys_answer(string more)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell" + (connection.Number == 1 ? more : ""));
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        Assert.Equal("well", await lane.GetAsync());
        Assert.Equal("well", await lane.GetAsync());
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task A_backend_that_wants_to_close_gets_its_next_request_on_another_connection()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nwell");
            await connection.ReadHeadAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        Assert.Equal("well", await lane.GetAsync());
        Assert.Equal("well", await lane.GetAsync());

        Assert.Equal((2, 2), (backend.Connections, backend.Requests));
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }
}
