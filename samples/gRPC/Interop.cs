using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using Grpc.Net.Client;

namespace GrpcSample;

/// <summary>Runs the cases against a server, or a balancer in front of some, and prints a line for each.</summary>
internal static class Interop
{
    /// <returns>0 where all went well, 1 where one did not, 2 where nothing was tried.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        if (ValueOf("--address") is not { } address)
        {
            Console.Error.WriteLine("interop needs --address URL");
            return 2;
        }

        string[] names = ValueOf("--cases")?.Split(',') ?? [.. InteropCases.All.Select(c => c.Name)];
        string[] unknown = [.. names.Except(InteropCases.All.Select(c => c.Name))];
        if (unknown.Length > 0)
        {
            Console.Error.WriteLine($"no case is called {string.Join(", ", unknown)}; there are {string.Join(", ", InteropCases.All.Select(c => c.Name))}");
            return 2;
        }

        using var handler = new SocketsHttpHandler();
        if (options.Contains("--insecure"))
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => errors != SslPolicyErrors.RemoteCertificateNotAvailable;
        using GrpcChannel channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler });
        int repeat = NumberOf("--repeat");
        int parallel = NumberOf("--parallel");
        bool isGood = true;
        foreach (string name in names)
            isGood &= await RunAsync(InteropCases.All.Single(c => c.Name == name), channel, repeat, parallel);
        return isGood ? 0 : 1;

        string? ValueOf(string option) => Array.IndexOf(options, option) is >= 0 and var at && at + 1 < options.Length ? options[at + 1] : null;
        int NumberOf(string option) => ValueOf(option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
    }

    private static async Task<bool> RunAsync(InteropCase tried, GrpcChannel channel, int repeat, int parallel)
    {
        long start = Stopwatch.GetTimestamp();
        int failed = 0;
        string? why = null;
        await Parallel.ForAsync(0, repeat, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (_, _) =>
        {
            try
            {
                await tried.RunAsync(channel);
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref failed);
                Interlocked.CompareExchange(ref why, e.Message.ReplaceLineEndings(" "), null);
            }
        });
        string result = failed == 0 ? "ok    " : "failed";
        string first = why is null ? "" : $": {why}";
        Console.WriteLine($"{result} {tried.Name} {repeat - failed}/{repeat} in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms{first}");
        return failed == 0;
    }
}
