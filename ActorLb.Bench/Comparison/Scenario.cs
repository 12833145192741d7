using System.Globalization;

namespace ActorLb.Bench.Comparison;

/// <summary>What clients do in a scenario.</summary>
internal enum ClientKind
{
    /// <summary>Each request opens a session.</summary>
    New,

    /// <summary>Each request carries a session's cookie.</summary>
    Known,

    /// <summary>The same, with 1 MiB to the server.</summary>
    Uploading,
}

/// <summary>One kind of load, and who takes part.</summary>
/// <param name="Sessions">How many there are, in turns.</param>
/// <param name="Bytes">Of one body, where the time per byte counts; else 0.</param>
internal sealed record Scenario(string Name, string Path, ClientKind Clients, int Sessions, int Threads, long Bytes, string[] Contenders)
{
    private const string Body64K = "64k";
    private const string Body1M = "1m";
    private const int Usual = 64;

    // So many that their bindings do not stay in the processor's cache.
    private const int Many = 20_000;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("sticky", "/", ClientKind.Known, Usual, 1, 0, ["actorlb", "haproxy-cookie", "haproxy-stick", "nginx", "caddy", "yarp", "kestrel"]),
        new("sticky-2", "/", ClientKind.Known, Usual, 2, 0, ["actorlb", "haproxy-cookie", "haproxy-stick", "nginx"]),
        new("first", "/", ClientKind.New, 0, 1, 0, ["actorlb", "haproxy-cookie"]),
        new("answer-64k", "/" + Body64K, ClientKind.Known, Usual, 1, 64 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("answer-1m", "/" + Body1M, ClientKind.Known, Usual, 1, 1024 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("upload-1m", "/upload", ClientKind.Uploading, 1, 1, 1024 * 1024, ["actorlb", "haproxy-cookie", "nginx"]),
        new("access-log", "/", ClientKind.Known, Usual, 1, 0, ["actorlb", "actorlb-log"]),
        new("million", "/", ClientKind.Known, Many, 1, 0, ["actorlb", "actorlb-million"]),
    ];

    /// <summary>Bodies that the backends serve from files.</summary>
    public static IReadOnlyList<(string Name, int Bytes)> Bodies { get; } = [(Body64K, 64 * 1024), (Body1M, 1024 * 1024)];

    public string Unit => Bytes > 0 ? "ns/KiB" : "µs/request";

    /// <summary>The figure of one round.</summary>
    public double Figure(double seconds, long requests) => Bytes > 0 ? seconds * 1e9 / (requests * Bytes / 1024.0) : seconds * 1e6 / requests;

    public string Text(double figure) => figure.ToString(Bytes > 0 ? "f0" : "f2", CultureInfo.InvariantCulture);

    /// <summary>wrk's script for one contender; null where it needs none.</summary>
    public async Task<string?> ScriptAsync(Contender contender) => Clients switch
    {
        ClientKind.Known => WrkScripts.Sessions(await ClientSessions.OpenAsync(contender.Address, Sessions)),
        ClientKind.Uploading => WrkScripts.Upload((await ClientSessions.OpenAsync(contender.Address, 1))[0]),
        _ => null,
    };
}
