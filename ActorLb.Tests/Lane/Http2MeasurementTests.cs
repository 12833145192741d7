using System.Net;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Measurements;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Streams of HTTP/2 are counted as requests of HTTP/1.1 are, from clients and to backends.</summary>
public sealed class Http2MeasurementTests
{
    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task Streams_that_come_at_the_same_time_are_counted_as_their_client_saw_them(BackendProtocol protocol)
    {
        const int Each = 50;
        RequestDelegate answer = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            await context.Response.WriteAsync("body");
        };
        await using SampleBackend backend = protocol == BackendProtocol.Http2 ? await SampleBackend.OfHttp2Async(answer) : await SampleBackend.StartAsync(answer);
        await using TestLane lane = await TestLane.StartAsync(
            ListenerEngine.Kestrel,
            new LaneOptions { Sticky = false, Host = "shop.test", BodyBytesMax = 1000, Http2 = ListenerHttp2.Cleartext, Protocol = protocol },
            backend.Address);
        using var client = new HttpClient(TestLane.Handler()) { BaseAddress = lane.Client.BaseAddress };
        (HttpMethod Method, string Path, string Host, int Body, HttpStatusCode Status)[] asked =
        [
            (HttpMethod.Get, "/200", "shop.test", 0, HttpStatusCode.OK),
            (HttpMethod.Post, "/404", "shop.test", 500, HttpStatusCode.NotFound),
            (HttpMethod.Post, "/500", "shop.test", 10, HttpStatusCode.InternalServerError),
            (HttpMethod.Post, "/200", "shop.test", 2000, HttpStatusCode.RequestEntityTooLarge),
            (HttpMethod.Get, "/200", "other.test", 0, HttpStatusCode.NotFound),
        ];
        long[] own = await Task.WhenAll(Enumerable.Range(0, asked.Length * Each).Select(async i =>
        {
            (HttpMethod method, string path, string host, int body, HttpStatusCode status) = asked[i % asked.Length];
            var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Host = host;
            request.Content = body > 0 ? new ByteArrayContent(new byte[body]) : null;
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            byte[] got = await response.Content.ReadAsByteArrayAsync();
            return host == "other.test" ? got.Length : 0L;
        }));

        // What is counted last of each: of a backend's behind its route's, and bytes behind all else.
        await TestLane.UntilAsync(() => lane.Plane.Measurements.Read() is var read
            && read.Pools.Sum(p => p.Requests.BytesSent) >= 4 * 3 * Each
            && read.Routes.Sum(r => r.Requests.CountOf(FailureReason.RequestTooLarge)) >= Each
            && read.Routes.Where(r => r.Route.Length == 0).Sum(r => r.Requests.BytesSent) >= own.Sum());
        NodeFigures figures = lane.Plane.Measurements.Read();
        RequestFigures web = Assert.Single(figures.Pools).Requests;
        Assert.Equal((Each, Each, Each), (web.CountOf(2), web.CountOf(4), web.CountOf(5)));
        Assert.Equal((3 * Each, 510L * Each, 4L * 3 * Each), (web.FirstByte.Count, web.BytesReceived, web.BytesSent));
        Assert.InRange(web.Connect.Count, 1, 3 * Each);
        Assert.Equal(Each, figures.Routes.Single(r => r is { Route: "shop.test/", Pool: "" }).Requests.CountOf(FailureReason.RequestTooLarge));
        RequestFigures unrouted = figures.Routes.Single(r => r.Route.Length == 0).Requests;
        Assert.Equal((Each, own.Sum()), (unrouted.CountOf(FailureReason.NoRoute), unrouted.BytesSent));
    }
}
