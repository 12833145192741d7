using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench;

/// <summary>Requests at a fixed rate: h2load (Debian package nghttp2-client), over HTTP/1.1, one thread.</summary>
internal static class H2Load
{
    /// <param name="atOnce">
    /// All connections ask at the same moments, as many as there are; otherwise they begin a millisecond after one another, and
    /// so do their requests.
    /// </param>
    /// <returns>What each request took, in microseconds, sorted. Fails where any was not answered by 2xx.</returns>
    public static async Task<int[]> RunAsync(string address, string cookie, double rate, int connections, int seconds, bool atOnce, WorkFolder work)
    {
        string log = Path.Combine(work.Path, "h2load.log");
        File.Delete(log);
        int each = (int)(rate / connections);
        string[] span = atOnce ? [$"-D{seconds}"] : [$"-n{each * connections * seconds}", "-r1", "--rate-period=1ms"];
        string[] arguments =
        [
            "--h1", "-t1", $"-c{connections}", $"--rps={each}", .. span, $"--log-file={log}", "-H", $"Cookie: {cookie}", $"http://{address}/",
        ];
        using Process load = Process.Start(new ProcessStartInfo("h2load", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("h2load did not start");
        string output = await load.StandardOutput.ReadToEndAsync();
        await load.WaitForExitAsync();

        // Start, status, microseconds; those that the end cut off have no status.
        string[][] lines = [.. File.ReadLines(log).Select(l => l.Split('\t'))];
        return lines.Any(l => l[1] is not ("200" or "-1")) || lines.Length == 0
            ? throw new InvalidOperationException("some requests failed:\n" + output)
            : [.. lines.Where(l => l[1] == "200").Select(l => int.Parse(l[2], CultureInfo.InvariantCulture)).Order()];
    }
}
