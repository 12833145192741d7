using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class RefusalTests(ListenerEngine engine)
{
    private const int FieldsMax = 100;

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 200)]
    [InlineData(1, 431)]
    public async Task A_request_may_have_as_many_fields_as_the_limit(int more, int status)
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.AnswerAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(engine, backend.Address);

        // Beside Host and Connection.
        string fields = string.Concat(Enumerable.Range(1, FieldsMax - 2 + more).Select(i => $"X-{i}: {i}\r\n"));
        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 1 : 0, backend.Requests);
    }

    [Fact]
    public async Task The_server_itself_can_be_asked()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(["OPTIONS *"], a.Seen.Select(s => $"{s.Method} {s.Target}"));
    }
}
