using Grpc.Health.V1;
using Grpc.Net.Client;

namespace GrpcSample;

/// <summary>Prints what a server says of its health, and may tell it before what to say.</summary>
internal static class HealthClient
{
    public static async Task<int> RunAsync(Uri url, string? told)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(url);
        if (told is not null)
            await new Trial.TrialClient(channel).ServeAsync(new Serving { Serving_ = told == "serving" });
        HealthCheckResponse response = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        Console.WriteLine(response.Status);
        return response.Status == HealthCheckResponse.Types.ServingStatus.Serving ? 0 : 1;
    }
}
