using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>An ASP.NET Core application with UseHttpsRedirection, behind a balancer that ends TLS.</summary>
public sealed class RedirectingApplicationTests : IAsyncLifetime
{
    private readonly WebApplication _application = Application();

    public Task InitializeAsync() => _application.StartAsync();

    public async Task DisposeAsync() => await _application.DisposeAsync();

    [Fact]
    public async Task A_probe_says_the_scheme_that_clients_use_and_so_the_application_stays_up()
    {
        ProbeResult result = await ProbeAsync(withTls: true, []);
        Assert.Equal(new ProbeResult(Passed: true, "200"), result);
    }

    [Fact]
    public async Task Where_nobody_comes_by_TLS_it_redirects_and_the_word_for_that_names_where_to()
    {
        ProbeResult result = await ProbeAsync(withTls: false, []);
        Assert.False(result.Passed);
        Assert.StartsWith("GET /healthz: 307 to https://", result.Detail, StringComparison.Ordinal);
        Assert.EndsWith(", expected 200-299", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_another_proxy_that_ends_TLS_a_field_of_its_own_keeps_it_up() =>
        Assert.True((await ProbeAsync(withTls: false, [new ProbeField("X-Forwarded-Proto", "https")])).Passed);

    private static WebApplication Application()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHttpsRedirection(options => options.HttpsPort = 443);

        // As ASPNETCORE_FORWARDEDHEADERS_ENABLED does.
        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto);
        WebApplication application = builder.Build();
        application.UseForwardedHeaders();
        application.UseHttpsRedirection();
        application.MapGet("/healthz", () => "well");
        return application;
    }

    private async Task<ProbeResult> ProbeAsync(bool withTls, ProbeField[] headers)
    {
        PoolSettings pool = TestPools.Pool("web", _application.Urls.First());
        pool = pool with { Health = pool.Health with { Headers = [.. headers] } };
        NodeSettings settings = TestPools.Node(pool);
        settings = withTls
            ? settings.With(t => t with { Listeners = [.. t.Listeners, t.Listeners[0] with { Name = "https", Tls = new ListenerTlsSettings(new CertificateSettings("there.pem", "there.key", "")) }] })
            : settings;
        using IProbe probe = Probes.Of(new DataPlane(settings, TimeProvider.System))(pool, pool.Backends[0]);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await probe.ProbeAsync(bound.Token);
    }
}
