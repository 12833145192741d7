using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorLb.Bench;

/// <summary>The load: wrk (Debian package wrk), one thread.</summary>
internal static partial class Wrk
{
    /// <summary>How many requests were answered. Fails where any was not 2xx or 3xx.</summary>
    public static async Task<long> RunAsync(string address, string path, int connections, int seconds, string? script)
    {
        List<string> arguments = ["-t1", $"-c{connections}", $"-d{seconds}s"];
        if (script is not null)
        {
            arguments.AddRange(["-s", script]);
        }

        arguments.Add($"http://{address}{path}");
        using Process wrk = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("wrk did not start");
        string output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("some requests failed:\n" + output);
        }

        return long.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();
}

/// <summary>
/// Scripts for wrk: what each request is, written before the first one. wrk shares its machine with what it measures, so
/// it reads no answer and makes no text while it runs.
/// </summary>
internal static class WrkScripts
{
    /// <summary>So many sessions in turns, one with each request.</summary>
    public static string Sessions(IReadOnlyList<string> cookies)
    {
        var script = new StringBuilder("local requests = {}\nlocal at = 0\ninit = function()\n  local cookies = {\n");
        foreach (string cookie in cookies)
        {
            script.Append("    \"").Append(cookie).Append("\",\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
              }
              for i, cookie in ipairs(cookies) do
                requests[i] = wrk.format("GET", nil, { ["Cookie"] = cookie })
              end
            end
            request = function()
              at = at % {{cookies.Count}} + 1
              return requests[at]
            end
            """).ToString();
    }

    /// <summary>A session that sends 1 MiB with each request.</summary>
    public static string Upload(string cookie) => $"""
        wrk.method = "POST"
        wrk.body = string.rep("x", 1048576)
        wrk.headers["Cookie"] = "{cookie}"
        """;
}
