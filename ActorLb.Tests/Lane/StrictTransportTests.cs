using System.Net;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Strict-Transport-Security of listeners with TLS.</summary>
public sealed class StrictTransportTests : IDisposable
{
    private const string Name = "Strict-Transport-Security";

    private readonly CertificateFiles _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("1.1", "/", "max-age=3600")]
    [InlineData("2.0", "/", "max-age=3600")]
    [InlineData("1.1", "/own", "max-age=7; includeSubDomains")]
    [InlineData("2.0", "/own", "max-age=7; includeSubDomains")]
    [InlineData("1.1", "/none", "max-age=3600")]
    [InlineData("2.0", "/none", "max-age=3600")]
    public async Task Every_answer_by_TLS_says_it_unless_its_backend_does(string version, string path, string expected)
    {
        await using SampleBackend backend = await BackendAsync();
        await using TestLane lane = await StartAsync(backend, r => r with { Path = path == "/none" ? "/elsewhere" : "/" });
        Assert.Equal(expected, await SaidAsync(lane.Endpoint, path, version));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task What_the_route_writes_counts_before_and_what_it_removes_of_the_backends_is_gone(string version)
    {
        await using SampleBackend backend = await BackendAsync();
        await using (TestLane lane = await StartAsync(backend, Edited(new HeaderEditSettings([new("strict-transport-security", "max-age=1")], [], []))))
        {
            Assert.Equal("max-age=1", await SaidAsync(lane.Endpoint, "/own", version));
        }

        await using (TestLane lane = await StartAsync(backend, Edited(new HeaderEditSettings([], [], [Name]))))
        {
            Assert.Equal("max-age=3600", await SaidAsync(lane.Endpoint, "/own", version));
        }
    }

    [Theory]
    [InlineData(ListenerEngine.Epoll)]
    [InlineData(ListenerEngine.Kestrel)]
    public async Task Over_plain_HTTP_it_is_never_said(ListenerEngine engine)
    {
        await using SampleBackend backend = await BackendAsync();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Listener = l => l with { Hsts = TimeSpan.FromHours(1) } }, backend.Address);
        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");
        Assert.False(answer.Headers.Contains(Name));
    }

    private static Func<RouteSettings, RouteSettings> Edited(HeaderEditSettings edits) =>
        r => r with { Filters = RouteFilterSettings.None with { ResponseHeaders = edits } };

    private static Task<SampleBackend> BackendAsync() => SampleBackend.StartAsync(c =>
    {
        if (c.Request.Path == "/own")
        {
            c.Response.Headers[Name] = "max-age=7; includeSubDomains";
        }

        return c.Response.WriteAsync("ok");
    });

    /// <summary>In one line, and in no other.</summary>
    private static async Task<string> SaidAsync(IPEndPoint lane, string path, string version)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null } };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane}{path}") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using HttpResponseMessage answer = await client.SendAsync(request);
        return Assert.Single(answer.Headers.GetValues(Name));
    }

    private Task<TestLane> StartAsync(SampleBackend backend, Func<RouteSettings, RouteSettings> route) => TestLane.StartAsync(
        new LaneOptions { Tls = _certificate.Pem, Conditions = route, Listener = l => l with { Hsts = TimeSpan.FromHours(1) } }, backend.Address);
}
