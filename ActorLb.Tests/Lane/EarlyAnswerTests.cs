using System.Globalization;
using System.Text;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>
/// Answers that come before the request was read: whatever becomes of the connection that brought them, the client gets
/// them, also one that reads nothing before it has sent everything.
/// </summary>
public abstract class EarlyAnswerTests(ListenerEngine engine)
{
    /// <summary>More than the buffers of the sockets between client and lane hold.</summary>
    private const int BodyBytes = 8 << 20;

    /// <summary>Whether the end or the answer is heard of first is up to the system: each case is met many times.</summary>
    private const int Uploads = 25;

    private const string TooLarge = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";

    public enum Ending
    {
        /// <summary>With unread input the system makes a reset of it, too, but the answer is ended first.</summary>
        Finish,
        Close,
        Reset,
    }

    [Theory]
    [InlineData(Ending.Finish, false)]
    [InlineData(Ending.Finish, true)]
    [InlineData(Ending.Close, false)]
    [InlineData(Ending.Close, true)]
    [InlineData(Ending.Reset, false)]
    [InlineData(Ending.Reset, true)]
    public async Task A_backend_that_answers_within_an_upload_and_closes_has_answered(Ending ending, bool chunked)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Stream.ReadTextAsync(64 << 10);
            await connection.WriteAsync(TooLarge);
            End(connection, ending);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            string answer = await UploadAsync(lane, chunked);
            Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\ntoo large", answer, StringComparison.Ordinal);
        }

        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
        Assert.Equal(Uploads, backend.Connections);
    }

    [Theory]
    [InlineData(Ending.Finish)]
    [InlineData(Ending.Close)]
    public async Task A_backend_that_answers_before_it_reads_anything_has_answered_unless_that_came_before_the_request(Ending ending)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.WriteAsync(TooLarge);
            End(connection, ending);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        int refused = 0;
        for (int i = 0; i < Uploads; i++)
        {
            string answer = await UploadAsync(lane, chunked: false);
            Assert.Matches("^HTTP/1.1 (413|502)", answer);
            refused += answer.Contains("before it was asked", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.Equal((refused, refused), (lane.Traffic(backend.Address).Failures, lane.Traffic(backend.Address).UnaskedAnswers));
    }

    [Theory]
    [InlineData(Ending.Finish)]
    [InlineData(Ending.Reset)]
    public async Task An_error_page_without_a_length_ends_with_its_connection_however_that_ends(Ending ending)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.0 413 Too Large\r\n\r\ntoo large");
            End(connection, ending);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            string answer = await UploadAsync(lane, chunked: false);
            Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n9\r\ntoo large\r\n0\r\n\r\n", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_part_of_a_page_without_a_length_does_not_look_whole_where_its_connection_was_reset()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.0 200 OK\r\n\r\npart");
            connection.Reset();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            Assert.DoesNotContain("\r\n0\r\n\r\n", await UploadAsync(lane, chunked: false, mayBreak: true), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Ending.Finish)]
    [InlineData(Ending.Close)]
    [InlineData(Ending.Reset)]
    public async Task An_answer_that_only_begins_before_the_request_ends_is_told_to_its_end(Ending ending)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo");
            await connection.Stream.ReadTextAsync(64 << 10);
            await connection.WriteAsync(" large");
            End(connection, ending);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            Assert.EndsWith("\r\n\r\ntoo large", await UploadAsync(lane, chunked: true), StringComparison.Ordinal);
        }

        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Theory]
    [InlineData(Ending.Close)]
    [InlineData(Ending.Reset)]
    public async Task A_client_that_waits_for_100_gets_the_refusal_of_a_backend_that_closes(Ending ending)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(TooLarge);
            End(connection, ending);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            string answer = await RawClient.ExchangeAsync(
                lane.Endpoint, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
            Assert.EndsWith("too large", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_backend_that_answers_early_and_reads_on_serves_the_next_request_of_its_client()
    {
        await using var backend = new RawBackend(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                await connection.WriteAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
                if (head.StartsWith("POST", StringComparison.Ordinal))
                {
                    await connection.Stream.ReadTextAsync(BodyBytes);
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Head(chunked: false));
            await client.SendAsync(new string('x', BodyBytes));
            Assert.Equal("no", (await client.ReadAnswerAsync()).Body);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.Equal("no", (await client.ReadAnswerAsync()).Body);
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_client_that_sends_all_of_it_first_gets_the_answer_of_a_backend_that_stays_and_reads_no_more()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large");
            await Task.Delay(Timeout.Infinite, connection.Stopping);
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        Assert.EndsWith("too large", await UploadAsync(lane, chunked: false), StringComparison.Ordinal);
        Assert.Equal(0, lane.Traffic(backend.Address).Failures);
    }

    [Fact]
    public async Task A_client_that_leaves_with_its_early_answer_is_told_of_as_answered()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { AccessLog = AccessLogTests.Json }, backend.Address);
        using (RawClient client = await RawClient.ConnectAsync(lane.Endpoint))
        {
            await client.SendAsync(Head(chunked: false) + "some of it");
            Assert.Equal("too large", (await client.ReadAnswerAsync()).Body);
        }

        System.Text.Json.JsonElement line = await AccessLogTests.NextAsync(lane);
        Assert.Equal(413, line.GetProperty("status").GetInt32());
        Assert.Equal("", line.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData(false, "HTTP/1.1 413")]
    [InlineData(true, "HTTP/1.1 413")]
    public async Task Our_own_refusal_of_an_upload_reaches_a_client_that_sends_all_of_it_first(bool chunked, string expected)
    {
        await using var backend = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { BodyBytesMax = 100_000 }, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            Assert.StartsWith(expected, await UploadAsync(lane, chunked), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Our_own_refusal_of_a_head_reaches_a_client_that_sends_its_body_first()
    {
        await using var backend = new RawBackend(c => c.UntilClosedAsync());
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        for (int i = 0; i < Uploads; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
            await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
            await client.SendAsync(new string('x', BodyBytes));
            Assert.StartsWith("HTTP/1.1 400", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    private static void End(RawConnection connection, Ending ending)
    {
        switch (ending)
        {
            case Ending.Finish:
                connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                connection.Close();
                break;
            case Ending.Reset:
                connection.Reset();
                break;
            default:
                connection.Close();
                break;
        }
    }

    private static string Head(bool chunked) =>
        $"POST / HTTP/1.1\r\nHost: x\r\n{(chunked ? "Transfer-Encoding: chunked" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {BodyBytes}"))}\r\n\r\n";

    /// <summary>Sends everything, and only then reads.</summary>
    /// <param name="mayBreak">The connection may be reset, also before everything was sent.</param>
    private static async Task<string> UploadAsync(TestLane lane, bool chunked, bool mayBreak = false)
    {
        using RawClient client = await RawClient.ConnectAsync(lane.Endpoint);
        try
        {
            await SendAllAsync(client, chunked);
        }
        catch (IOException) when (mayBreak)
        {
        }

        return await client.ReadToEndAsync();
    }

    private static async Task SendAllAsync(RawClient client, bool chunked)
    {
        const int ChunkBytes = 64 << 10;
        await client.SendAsync(Head(chunked));
        byte[] piece = Encoding.ASCII.GetBytes(
            chunked ? $"{ChunkBytes:x}\r\n{new string('x', ChunkBytes)}\r\n" : new string('x', ChunkBytes));
        for (int sent = 0; sent < BodyBytes; sent += ChunkBytes)
        {
            await client.Stream.WriteAsync(piece);
        }

        await client.SendAsync(chunked ? "0\r\n\r\n" : "");
        client.Finish();
    }
}
