using System.Collections.Immutable;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Top;

/// <summary>Reads what <c>GET /api/v1/live</c> says. What a node of another version leaves out is nothing. Pure.</summary>
internal static class LiveReading
{
    // The order of a backend's row, as docs/admin-api.md has it.
    private const int IdAt = 0, StateAt = 1, OperatorAt = 2, TakesAt = 3, WeightAt = 4, SinceAt = 5, RequestsAt = 6, FailuresAt = 7, P50At = 8, P99At = 9;
    private const int InFlightAt = 10, TunnelsAt = 11, SessionsAt = 12, ToMoveAt = 13, WaitingAt = 14, WhyAt = 15, P95At = 16;

    /// <exception cref="FormatException">It is no such document.</exception>
    public static LivePicture Read(JsonElement document)
    {
        try
        {
            return new LivePicture(
                Said(document.GetProperty("node")),
                document.GetProperty("time").GetDateTimeOffset(),
                Text(document, "cluster"),
                Text(document, "version"),
                Number(document, "sessions"),
                Figures(document.GetProperty("all")),
                document.TryGetProperty("troubles", out JsonElement troubles) ? Troubles(troubles) : [],
                [.. Each(document, "nodes").Select(Node)],
                [.. Each(document, "listeners").Select(l => new LiveListener(Text(l, "name"), Text(l, "bind"), Is(l, "tls"), Number(l, "open"), Figures(l)))],
                [.. Each(document, "routes").Select(Route)],
                [.. Each(document, "pools").Select(Pool)]);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or JsonException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new FormatException("it is no document of what happens", e);
        }
    }

    private static ImmutableArray<Trouble> Troubles(JsonElement troubles)
    {
        ImmutableArray<Trouble> read = [.. troubles.EnumerateArray().Select(t => t.Deserialize<Trouble>(AdminJson.Written) ?? throw new FormatException("a trouble is none"))];
        return read.All(t => WholeDocument.Missing(t) is null) ? read : throw new FormatException("a trouble leaves something out");
    }

    private static LiveNode Node(JsonElement node)
    {
        bool answered = node.TryGetProperty("version", out _);
        return new LiveNode(
            Text(node, "name"),
            Text(node, "address"),
            Text(node, "status"),
            Is(node, "reachable"),
            Text(node, "configuration"),
            Is(node, "differs"),
            Is(node, "clockIsWrong"),
            answered ? Figures(node) : null,
            Text(node, "version"),
            Text(node, "admin"),
            answered && node.TryGetProperty("startedAt", out JsonElement at) ? at.GetDateTimeOffset() : null,
            Number(node, "processorPermille"),
            Number(node, "memoryBytes"),
            Number(node, "clients"),
            [.. Each(node, "sees").Where(s => !Is(s, "reachable")).Select(s => Text(s, "node"))]);
    }

    private static LiveRoute Route(JsonElement route) => new(
        Text(route, "host"),
        Text(route, "path"),
        [.. Each(route, "ways").Select(w => (Text(w, "pool"), Number(w, "recentRequests")))],
        Is(route, "answers"),
        Figures(route));

    private static LivePool Pool(JsonElement pool)
    {
        string name = Text(pool, "name");
        LiveBackend[] backends = [.. Each(pool, "backends").Select(b => Backend(name, b))];
        string ending = TopText.CommonEnding([.. backends.Select(b => b.Id)]);
        return new LivePool(name, Text(pool, "balance"), Figures(pool), [.. backends.Select(b => b with { Ending = ending })]);
    }

    private static LiveBackend Backend(string pool, JsonElement row) => new(
        pool,
        Said(row[IdAt]),
        Said(row[StateAt]),
        Said(row[OperatorAt]),
        row[TakesAt].GetBoolean(),
        row[WeightAt].GetInt64(),
        DateTimeOffset.FromUnixTimeMilliseconds(row[SinceAt].GetInt64()),
        new LiveFigures(
            row[RequestsAt].GetInt64(),
            row[FailuresAt].GetInt64(),
            Milliseconds(row[P50At]),
            row.GetArrayLength() > P95At ? Milliseconds(row[P95At]) : null,
            Milliseconds(row[P99At])),
        row[InFlightAt].GetInt64(),
        row[TunnelsAt].GetInt64(),
        row[SessionsAt].GetInt64(),
        row[ToMoveAt].GetInt64(),
        row[WaitingAt].GetInt64(),
        Said(row[WhyAt]));

    private static LiveFigures Figures(JsonElement of) => new(
        Number(of, "recentRequests"), Number(of, "recentFailures"), Latency(of, "p50"), Latency(of, "p95"), Latency(of, "p99"));

    private static JsonElement.ArrayEnumerator Each(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.EnumerateArray() : default;

    private static string Said(JsonElement value) => value.GetString() ?? throw new FormatException("there is no text");

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";

    private static long Number(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    private static bool Is(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    private static double? Latency(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? Milliseconds(value) : null;

    private static double? Milliseconds(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
}
