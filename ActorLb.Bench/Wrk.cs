using System.Diagnostics;
using System.Globalization;
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

/// <summary>Scripts for wrk.</summary>
internal static class WrkScripts
{
    /// <summary>
    /// wrk's scripts see no connections, so there are as many sessions as connections, taken in turns: each first
    /// answer gives one a cookie.
    /// </summary>
    public const string CookiePerConnection = """
        local cookies = {}
        local sessions = 64
        local at = 0

        request = function()
          at = at % sessions + 1
          local cookie = cookies[at]
          if cookie then
            return wrk.format("GET", nil, { ["Cookie"] = cookie })
          end
          return wrk.format("GET", nil, { ["Cookie"] = "APP=s" .. at })
        end

        response = function(status, headers, body)
          if #cookies < sessions then
            for name, value in pairs(headers) do
              if name:lower() == "set-cookie" then
                cookies[#cookies + 1] = "APP=s" .. at .. "; " .. value:match("^[^;]+")
              end
            end
          end
        end
        """;

    /// <summary>A session that sends 1 MiB with each request.</summary>
    public const string Upload = """
        local body = string.rep("x", 1048576)
        local cookie = nil

        request = function()
          return wrk.format("POST", nil, { ["Cookie"] = cookie or "other=1" }, body)
        end

        response = function(status, headers)
          if not cookie then
            for name, value in pairs(headers) do
              if name:lower() == "set-cookie" then
                cookie = value:match("^[^;]+")
              end
            end
          end
        end
        """;
}
