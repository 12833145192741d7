using System.Diagnostics;
using ActorLb.Tests.Traces;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class ChangeSpanTests
{
    [Fact]
    public async Task A_change_is_a_part_of_the_trace_of_whoever_asks()
    {
        await using AdminFixture fixture = await AdminFixture.StartAsync();
        using var recorder = new SpanRecorder(fixture.Plane.Traces.Spans);
        using var client = new HttpClient();
        using var asked = new HttpRequestMessage(HttpMethod.Post, new Uri(fixture.Url, "/api/v1/pools/web/backends/a/drain"));
        asked.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using HttpResponseMessage answer = await client.SendAsync(asked);
        using HttpResponseMessage unknown = await client.PostAsync(new Uri(fixture.Url, "/api/v1/pools/web/backends/nobody/drain"), null);
        using HttpResponseMessage looked = await client.GetAsync(new Uri(fixture.Url, "/api/v1/status"));

        Activity[] spans = [.. recorder.Spans];
        Assert.Equal(["admin.drain", "admin.drain"], spans.Select(s => s.OperationName));
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (spans[0].TraceId.ToHexString(), spans[0].ParentSpanId.ToHexString()));
        Assert.Equal(((int)answer.StatusCode, "web/a"), (spans[0].GetTagItem("http.response.status_code"), spans[0].GetTagItem("actorlb.target")));
        Assert.Equal(default, spans[1].ParentSpanId);
        Assert.Equal(("unknown-backend", ActivityStatusCode.Error), (spans[1].GetTagItem("error.type"), spans[1].Status));
        Assert.True(looked.IsSuccessStatusCode);
    }
}
