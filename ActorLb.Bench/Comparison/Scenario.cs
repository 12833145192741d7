using System.Globalization;

namespace ActorLb.Bench.Comparison;

/// <summary>One kind of load, and who takes part.</summary>
/// <param name="Bytes">Of one body, where the time per byte counts; else 0.</param>
internal sealed record Scenario(string Name, string Path, string? Script, int Threads, long Bytes, string[] Contenders)
{
    private const string Body64K = "64k";
    private const string Body1M = "1m";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("sticky", "/", WrkScripts.CookiePerConnection, 1, 0, ["actorlb", "haproxy-cookie", "haproxy-stick", "nginx", "caddy", "yarp", "kestrel"]),
        new("sticky-2", "/", WrkScripts.CookiePerConnection, 2, 0, ["actorlb", "haproxy-cookie", "haproxy-stick", "nginx"]),
        new("first", "/", null, 1, 0, ["actorlb", "haproxy-cookie"]),
        new("answer-64k", "/" + Body64K, WrkScripts.CookiePerConnection, 1, 64 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("answer-1m", "/" + Body1M, WrkScripts.CookiePerConnection, 1, 1024 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("upload-1m", "/upload", WrkScripts.Upload, 1, 1024 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("access-log", "/", WrkScripts.CookiePerConnection, 1, 0, ["actorlb", "actorlb-log"]),
    ];

    /// <summary>Bodies that the backends serve from files.</summary>
    public static IReadOnlyList<(string Name, int Bytes)> Bodies { get; } = [(Body64K, 64 * 1024), (Body1M, 1024 * 1024)];

    public string Unit => Bytes > 0 ? "ns/KiB" : "µs/request";

    /// <summary>The figure of one round.</summary>
    public double Figure(double seconds, long requests) => Bytes > 0 ? seconds * 1e9 / (requests * Bytes / 1024.0) : seconds * 1e6 / requests;

    public string Text(double figure) => figure.ToString(Bytes > 0 ? "f0" : "f2", CultureInfo.InvariantCulture);
}
