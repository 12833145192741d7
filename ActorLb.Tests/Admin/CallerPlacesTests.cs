using System.Net;
using System.Net.Http.Headers;
using ActorLb.Engine.Clients;
using ActorLb.Node.Admin;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Admin;

/// <summary>Of bounded places a share stays for those who may change something, and no reader has all of the rest.</summary>
public sealed class CallerPlacesTests
{
    private readonly CallerPlaces _places = new(max: 6, readersMax: 4, eachReaderMax: 2);

    [Fact]
    public void One_reader_at_one_address_has_a_part_of_what_readers_have()
    {
        Assert.Null(_places.TryTake(Reader("grafana", "10.0.0.1")));
        Assert.Null(_places.TryTake(Reader("grafana", "10.0.0.1")));
        Assert.Equal("2 with this token at this address are there already", _places.TryTake(Reader("grafana", "10.0.0.1")));
        Assert.Null(_places.TryTake(Reader("grafana", "10.0.0.2")));
        Assert.Null(_places.TryTake(Reader("screens", "10.0.0.1")));
    }

    [Fact]
    public void An_address_is_a_whole_network_of_IPv6()
    {
        Assert.Null(_places.TryTake(Reader("grafana", "2001:db8::1")));
        Assert.Null(_places.TryTake(Reader("grafana", "2001:db8::2")));
        Assert.NotNull(_places.TryTake(Reader("grafana", "2001:db8::3")));
        Assert.Null(_places.TryTake(Reader("grafana", "2001:db8:0:1::1")));
    }

    [Fact]
    public void Readers_leave_a_share_to_those_who_operate_and_these_may_take_all()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.Null(_places.TryTake(Reader("grafana", $"10.0.0.{i}")));
        }

        Assert.StartsWith("4 with tokens of the role read", _places.TryTake(Reader("grafana", "10.0.0.9")), StringComparison.Ordinal);
        Assert.Null(_places.TryTake(Operator));
        Assert.Null(_places.TryTake(Operator));
        Assert.Equal("6 are there already", _places.TryTake(Operator));
    }

    [Fact]
    public void A_place_that_is_left_is_free_for_the_same_reader()
    {
        PlaceHolder reader = Reader("grafana", "10.0.0.1");
        Assert.Null(_places.TryTake(reader));
        Assert.Null(_places.TryTake(reader));
        _places.Leave(reader);
        Assert.Null(_places.TryTake(reader));
        Assert.NotNull(_places.TryTake(reader));
    }

    [Theory]
    [InlineData("/api/v1/live", LiveEndpoints.EachReaderMax, "too-many-followers")]
    [InlineData("/api/v1/events", EventEndpoints.EachReaderMax, "busy")]
    public async Task One_reader_takes_no_place_of_those_who_operate_and_gets_one_back_when_he_leaves_one(string path, int each, string problem)
    {
        const string Look = "a-token-that-may-look", Operate = "a-token-that-may-operate";
        await using AdminFixture node = await AdminFixture.StartAsync(
            [new AdminToken("screens", TokenDigest.Of(Look), AdminRole.Read), new AdminToken("ops", TokenDigest.Of(Operate), AdminRole.Operate)]);
        using HttpClient client = node.Client();
        var open = new List<HttpResponseMessage>();
        for (int i = 0; i < each; i++)
        {
            open.Add(await OpenAsync(client, path, Look));
            Assert.Equal(HttpStatusCode.OK, open[i].StatusCode);
        }

        using HttpResponseMessage refused = await OpenAsync(client, path, Look);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        string why = await refused.Content.ReadAsStringAsync();
        Assert.Contains($"urn:actorlb:problem:{problem}\"", why, StringComparison.Ordinal);
        Assert.Contains($"{each} with this token at this address", why, StringComparison.Ordinal);
        using (HttpResponseMessage operators = await OpenAsync(client, path, Operate))
        {
            Assert.Equal(HttpStatusCode.OK, operators.StatusCode);
        }

        open[0].Dispose();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        HttpStatusCode again;
        do
        {
            await timer.WaitForNextTickAsync(bound.Token);
            using HttpResponseMessage asked = await OpenAsync(client, path, Look);
            again = asked.StatusCode;
        }
        while (again != HttpStatusCode.OK);

        open.ForEach(o => o.Dispose());
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient client, string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static PlaceHolder Operator => new(IsReader: false, "ci", ClientKey.Of(IPAddress.Loopback));

    private static PlaceHolder Reader(string token, string address) => new(IsReader: true, token, ClientKey.Of(IPAddress.Parse(address)));
}
