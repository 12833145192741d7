using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Routes are found by what host and path mean, and the backend gets them as they were written.</summary>
public abstract class RouteMeaningTests(ListenerEngine engine)
{
    [Theory]
    [InlineData("/private", true)]
    [InlineData("/private/x?y=//z", true)]
    [InlineData("//private", true)]
    [InlineData("///private//x", true)]
    [InlineData("/./private", true)]
    [InlineData("/%70rivate", true)]
    [InlineData("/%2e/private", true)]
    [InlineData("/a/../private", true)]
    [InlineData("/a//../private", true)]
    [InlineData("/a/%2E%2e/private/", true)]
    [InlineData("/%70rivate/%ff", true)]
    [InlineData("/a/%2e%2e/private/%80", true)]
    [InlineData("/%2e/private/%fe", true)]
    [InlineData("/%c0%af/%2e%2e/%70rivate", true)]
    [InlineData("/private%ff", false)]
    [InlineData("/private%2Fx", false)]
    [InlineData("/Private", false)]
    [InlineData("/privately", false)]
    [InlineData("/private/../public", false)]
    [InlineData("/?/private", false)]
    public async Task A_path_is_the_same_however_it_is_written(string target, bool fits) => await FitsAsync("shop.test", target, fits);

    [Theory]
    [InlineData("shop.test", true)]
    [InlineData("shop.test.", true)]
    [InlineData("SHOP.test.:80", true)]
    [InlineData("shop.test..", false)]
    [InlineData("xshop.test", false)]
    public async Task A_host_with_a_dot_behind_it_is_the_same_host(string host, bool fits) => await FitsAsync(host, "/private", fits);

    [Theory]
    [InlineData("/a%2Fb", "/a%2fb", true)]
    [InlineData("/a%2Fb", "/%61%2Fb/c", true)]
    [InlineData("/a%2Fb", "/a/b", false)]
    [InlineData("/a%2Fb", "/a%252Fb", false)]
    [InlineData("/my files", "/my%20files/x", true)]
    [InlineData("/my files", "/my+files", false)]
    [InlineData("/ä", "/%c3%A4", true)]
    [InlineData("/ä", "/%e4", false)]
    [InlineData("/%E4", "/%e4", true)]
    public async Task What_stays_encoded_is_the_same_in_either_case_and_letters_are_their_octets(string path, string target, bool fits) =>
        await FitsAsync("shop.test", target, fits, path);

    [Theory]
    [InlineData("GET", "", false)]
    [InlineData("POST", "", false)]
    [InlineData("GET", "X-Beta: 1\r\n", true)]
    [InlineData("GET", "x-beta:   1  \r\n", true)]
    [InlineData("PUT", "X-Other: 2\r\nX-Beta: 0\r\nX-Beta: 1\r\n", true)]
    [InlineData("GET", "X-Beta: 11\r\n", false)]
    [InlineData("GET", "X-Beta:\r\n", false)]
    [InlineData("POST", "X-Beta: 1\r\n", false)]
    [InlineData("get", "X-Beta: 1\r\n", false)]
    public async Task A_method_and_a_header_decide_and_what_does_not_fit_has_no_route(string method, string fields, bool fits)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine,
            new LaneOptions { Conditions = r => r with { Methods = ["GET", "PUT"], Headers = [new RouteHeader("X-Beta", "1")] } },
            backend.Address);
        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{fields}Connection: close\r\n\r\n");

        Assert.StartsWith(fits ? "HTTP/1.1 200" : "HTTP/1.1 404", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listener_decides(bool fits)
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(
            engine, new LaneOptions { Conditions = r => r with { Listeners = [fits ? TestLane.ListenerName : "other"] } }, backend.Address);
        string answer = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith(fits ? "HTTP/1.1 200" : "HTTP/1.1 404", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 200)]
    [InlineData(1, 431)]
    public async Task Headers_count_with_their_line_ends_and_the_empty_line(int more, int status)
    {
        const int Most = 2000;
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { HeaderBytesMax = Most }, backend.Address);
        string fields = "Host: x\r\nConnection: close\r\nX-Fill: ";
        string answer = await RawClient.ExchangeAsync(
            lane.Endpoint, $"GET / HTTP/1.1\r\n{fields}{new string('x', Most + more - fields.Length - 4)}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    private async Task FitsAsync(string host, string target, bool fits, string path = "/private")
    {
        await using SampleBackend backend = await SampleBackend.NamedAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Host = "shop.test", Path = path }, backend.Address);

        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        // What both refuse for its host fits no route either.
        Assert.StartsWith(fits ? "HTTP/1.1 200" : "HTTP/1.1 40", answer, StringComparison.Ordinal);
        Assert.Equal(fits ? [target] : [], backend.Seen.Select(s => s.Target));
    }
}
