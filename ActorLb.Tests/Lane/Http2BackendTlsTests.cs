using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>HTTP/2 to backends with https: ALPN says whether they speak it.</summary>
public sealed class Http2BackendTlsTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, BackendProtocol.Http2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1AndHttp2, BackendProtocol.Http1, "HTTP/1.1")]
    [InlineData(HttpProtocols.Http1, BackendProtocol.Http2, null)]
    public async Task The_pools_protocol_is_spoken_or_none(HttpProtocols spoken, BackendProtocol wanted, string? protocol)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(
            o => o.Listen(IPAddress.Loopback, 0, l =>
            {
                l.Protocols = spoken;
                l.UseHttps(Certificate());
            }));
        await using WebApplication backend = builder.Build();
        backend.Run(context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Scheme}"));
        await backend.StartAsync();
        var options = new LaneOptions
        {
            Protocol = wanted,
            BackendTls = BackendTlsSettings.Default with { Verify = false },
            AskedEngine = ListenerEngine.Kestrel,
            RetryAttempts = 0,
        };
        await using TestLane lane = await TestLane.StartAsync(options, new Uri(backend.Urls.Single()));

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal(protocol is null ? HttpStatusCode.BadGateway : HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(protocol is null ? "backend-connect-failed" : null, TestLane.ReasonOf(answer));
        Assert.Equal(protocol is null, !(await answer.Content.ReadAsStringAsync()).StartsWith($"{protocol} https", StringComparison.Ordinal));
    }

    private static X509Certificate2 Certificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
