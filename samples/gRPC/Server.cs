using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GrpcSample;

/// <summary>gRPC, gRPC-Web and health checks at the URLs that are given; over TLS with a certificate of its own making.</summary>
internal static class Server
{
    public static async Task RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder([.. args.Where(a => a != "--http2")]);

        // Without TLS nothing says which version is spoken: HTTP/1.1, unless all is to be HTTP/2.
        bool isHttp2 = args.Contains("--http2");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = isHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2);
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = Certificate());
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new CountingService.Server(builder.Configuration["name"] ?? "grpc"));
        builder.Services.AddSingleton<TrialService.CancelledCalls>();
        builder.Services.AddSingleton<ServedHealth>();
        builder.Services.AddGrpcHealthChecks().AddCheck<ServedHealth>("served");
        builder.Services.Configure<HealthCheckPublisherOptions>(o => (o.Delay, o.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));

        WebApplication app = builder.Build();
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        app.MapHealthChecks("/healthz");
        app.MapGrpcHealthChecksService();
        app.MapGrpcService<CountingService>();
        app.MapGrpcService<TrialService>();
        await app.RunAsync();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    }
}
