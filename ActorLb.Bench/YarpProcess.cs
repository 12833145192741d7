using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;

namespace ActorLb.Bench;

/// <summary>The reference: YARP as its documentation sets it up, one route, one cluster, round robin, nothing else on.</summary>
internal static class YarpProcess
{
    public static async Task<int> RunAsync(string listen, string[] backends)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://" + listen);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "web", Match = new RouteMatch { Path = "/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "web",
                    LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
                    Destinations = backends.ToDictionary(b => b, b => new DestinationConfig { Address = $"http://{b}/" }),
                },
            ]);
        WebApplication app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
        return 0;
    }
}
