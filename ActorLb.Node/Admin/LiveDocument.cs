using System.Globalization;
using System.Text.Json;
using ActorLb.Engine;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Events;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>
/// What <c>GET /api/v1/live</c> says each second: a document in JSON that has all of the cluster, and of each backend a row, so that a thousand of them
/// are 100 KB. Names and shape are the API's: a change here is a change of it.
/// </summary>
internal sealed class LiveDocument(DataPlane plane, INodeView view, IFiguresDesk figures, EventLog events)
{
    private static readonly FigureReading Nothing = new(FigureSubject.Node, 0, 0, 0, 0, []);

    /// <summary>
    /// How long the state of the cluster waits for the figures of all nodes: those that are well answer within milliseconds, and who asks while one is silent gets
    /// what the last look found wrong.
    /// </summary>
    private static readonly TimeSpan StatusPatience = TimeSpan.FromMilliseconds(500);

    private readonly TroubleMemory _troubles = new(new TroubleBeginnings(events));
    private volatile IReadOnlyList<Trouble>? _last;

    /// <summary>Looks what is wrong, although nobody asks: since when it is will be asked.</summary>
    public async Task LookAsync() => await ReadAsync();

    /// <summary>The state of the cluster, with what is wrong in the words of this document. Never waits for long, and fails for no figures.</summary>
    public async Task<StatusDocument> StatusAsync()
    {
        try
        {
            (_, StatusDocument status, _, IReadOnlyList<Trouble> troubles) = await ReadAsync().WaitAsync(StatusPatience, plane.Time);
            return status with { Troubles = troubles };
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return StatusDocument.Of(plane, view) with { Troubles = _last };
        }
    }

    /// <summary>One at a time.</summary>
    public async Task<byte[]> MakeAsync()
    {
        (GatheredFigures gathered, StatusDocument status, Dictionary<FigureSubject, FigureReading> sums, IReadOnlyList<Trouble> troubles) = await ReadAsync();
        using var bytes = new MemoryStream(16 * 1024);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("node", status.Node);
            writer.WriteString("time", status.Time);
            writer.WriteString("cluster", status.Cluster);
            writer.WriteString("version", status.Version);
            writer.WriteString("fingerprint", status.Configuration?.Fingerprint);
            writer.WriteNumber("sessions", status.Sessions.Count);
            writer.WritePropertyName("troubles");
            JsonSerializer.Serialize(writer, troubles, AdminJson.Brief);
            writer.WriteStartObject("all");
            Write(writer, sums.GetValueOrDefault(FigureSubject.Node));
            writer.WriteEndObject();
            WriteNodes(writer, status, gathered);
            writer.WritePropertyName("lost");
            JsonSerializer.Serialize(writer, status.Lost, AdminJson.Brief);
            WriteTopology(writer, gathered, sums);
            WritePools(writer, status, gathered, sums);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private async Task<(GatheredFigures Gathered, StatusDocument Status, Dictionary<FigureSubject, FigureReading> Sums, IReadOnlyList<Trouble> Troubles)> ReadAsync()
    {
        GatheredFigures gathered = await figures.NowAsync(CancellationToken.None);
        StatusDocument status = StatusDocument.Of(plane, view);
        Dictionary<FigureSubject, FigureReading> sums = FigureReading.Sum(gathered.Nodes.SelectMany(n => n.Figures));
        IReadOnlyList<Trouble> troubles = _last = _troubles.Look(status, gathered, sums);
        return (gathered, status, sums, troubles);
    }

    private static void Write(Utf8JsonWriter writer, FigureReading? reading)
    {
        reading ??= Nothing;
        writer.WriteNumber("requests", reading.Requests);
        writer.WriteNumber("failures", reading.Failures);
        writer.WriteNumber("recentRequests", reading.RecentRequests);
        writer.WriteNumber("recentFailures", reading.RecentFailures);
        WriteLatency(writer, "p50", reading.Quantile(0.5));
        WriteLatency(writer, "p95", reading.Quantile(0.95));
        WriteLatency(writer, "p99", reading.Quantile(0.99));
    }

    private static void WriteLatency(Utf8JsonWriter writer, string name, double milliseconds)
    {
        if (double.IsNaN(milliseconds))
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteNumber(name, Math.Round(milliseconds, 2));
        }
    }

    private static void WriteNodes(Utf8JsonWriter writer, StatusDocument status, GatheredFigures gathered)
    {
        writer.WriteStartArray("nodes");
        foreach (StatusDocument.Member member in status.Members.Count > 0 ? status.Members : [new StatusDocument.Member("", status.Node, "alone", true, true)])
        {
            writer.WriteStartObject();
            writer.WriteString("name", member.Name);
            writer.WriteString("address", member.Address);
            writer.WriteString("status", member.Status);
            writer.WriteBoolean("reachable", member.Reachable);
            writer.WriteString("configuration", member.Configuration);
            writer.WriteBoolean("differs", member.ConfigurationDiffers);
            writer.WriteBoolean("clockIsWrong", member.ClockIsWrong);
            if (gathered.Nodes.FirstOrDefault(n => n.Node == member.Name) is { } figures)
            {
                writer.WriteString("version", figures.Version);
                writer.WriteString("admin", figures.Admin);
                writer.WriteString("startedAt", figures.StartedAt);
                writer.WriteNumber("processorPermille", figures.ProcessorPermille);
                writer.WriteNumber("memoryBytes", figures.MemoryBytes);
                writer.WriteNumber("clients", figures.Clients);
                Write(writer, figures.Figures.FirstOrDefault(f => f.Subject == FigureSubject.Node));
                writer.WriteStartArray("sees");
                foreach (SeenMember seen in figures.Sees)
                {
                    writer.WriteStartObject();
                    writer.WriteString("node", seen.Node);
                    writer.WriteString("status", seen.Status);
                    writer.WriteBoolean("reachable", seen.Reachable);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteTopology(Utf8JsonWriter writer, GatheredFigures gathered, Dictionary<FigureSubject, FigureReading> sums)
    {
        writer.WriteStartArray("listeners");
        foreach (ListenerSettings listener in plane.Topology.Listeners)
        {
            writer.WriteStartObject();
            writer.WriteString("name", listener.Name);
            writer.WriteString("bind", listener.Bind.ToString());
            writer.WriteBoolean("tls", listener.Tls is not null);
            writer.WriteNumber("open", gathered.Nodes.Sum(n => n.Listeners.FirstOrDefault(l => l.Name == listener.Name).Open));
            FigureReading reading = sums.GetValueOrDefault(new FigureSubject(SubjectKind.Listener, listener.Name)) ?? Nothing;
            writer.WriteNumber("recentRequests", reading.RecentRequests);
            writer.WriteNumber("recentFailures", reading.RecentFailures);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("routes");
        foreach (RouteSettings route in plane.Topology.Routes)
        {
            writer.WriteStartObject();
            writer.WriteString("key", RouteName(route));
            writer.WriteString("host", route.Host);
            writer.WriteString("path", route.Path);
            writer.WriteStartArray("pools");
            foreach (string pool in route.PoolNames)
            {
                writer.WriteStringValue(pool);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("ways");
            foreach (string pool in route.PoolNames)
            {
                writer.WriteStartObject();
                writer.WriteString("pool", pool);
                writer.WriteNumber("recentRequests", sums.GetValueOrDefault(new FigureSubject(SubjectKind.Route, RouteName(route), pool))?.RecentRequests ?? 0);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("listeners");
            foreach (string listener in route.Listeners)
            {
                writer.WriteStringValue(listener);
            }

            writer.WriteEndArray();
            writer.WriteBoolean("answers", route.Filters.Answers);
            Write(writer, sums.GetValueOrDefault(new FigureSubject(SubjectKind.Route, RouteName(route))));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What a route is called in figures.</summary>
    private static string RouteName(RouteSettings route) => $"{route.Host}{route.Path}{(route.IsExact ? " (exact)" : "")}";

    private static void WritePools(Utf8JsonWriter writer, StatusDocument status, GatheredFigures gathered, Dictionary<FigureSubject, FigureReading> sums)
    {
        ILookup<BackendName, StrainedBackend> strained = gathered.Nodes.SelectMany(n => n.Strained).ToLookup(s => s.Backend);
        writer.WriteStartArray("pools");
        foreach (StatusDocument.Pool pool in status.Pools)
        {
            writer.WriteStartObject();
            writer.WriteString("name", pool.Name);
            writer.WriteString("balance", pool.Balance);
            Write(writer, sums.GetValueOrDefault(new FigureSubject(SubjectKind.Pool, pool.Name)));
            writer.WriteStartArray("backends");
            Dictionary<FigureSubject, SlowBackend> slow = SlowOf(pool, sums);
            foreach (StatusDocument.Backend backend in pool.Backends)
            {
                var name = new BackendName(pool.Name, backend.Id);
                var subject = FigureSubject.Of(name);
                FigureReading reading = sums.GetValueOrDefault(subject) ?? Nothing;
                WriteRow(writer, backend, reading, strained[name].Sum(s => s.Waiting + s.Held), Why(backend, reading, strained[name], slow.GetValueOrDefault(subject)));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Its members are in docs/admin-api.md, in this order.
    private static void WriteRow(Utf8JsonWriter writer, StatusDocument.Backend backend, FigureReading reading, int waiting, string why)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(backend.Id);
        writer.WriteStringValue(backend.State);
        writer.WriteStringValue(backend.Operator);
        writer.WriteBooleanValue(backend.TakesNewSessions);
        writer.WriteNumberValue(backend.Weight);
        writer.WriteNumberValue(backend.Since.ToUnixTimeMilliseconds());
        writer.WriteNumberValue(reading.RecentRequests);
        writer.WriteNumberValue(reading.RecentFailures);
        WriteLatency(writer, reading.Quantile(0.5));
        WriteLatency(writer, reading.Quantile(0.99));
        writer.WriteNumberValue(backend.InFlight);
        writer.WriteNumberValue(backend.Tunnels);
        writer.WriteNumberValue(backend.Sessions);
        writer.WriteNumberValue(backend.SessionsToMove);
        writer.WriteNumberValue(waiting);
        writer.WriteStringValue(why);
        WriteLatency(writer, reading.Quantile(0.95));
        writer.WriteEndArray();
    }

    private static void WriteLatency(Utf8JsonWriter writer, double milliseconds)
    {
        if (double.IsNaN(milliseconds))
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteNumberValue(Math.Round(milliseconds, 2));
        }
    }

    private static Dictionary<FigureSubject, SlowBackend> SlowOf(StatusDocument.Pool pool, Dictionary<FigureSubject, FigureReading> sums) => SlowBackend.Of(
        [.. pool.Backends.Select(b => sums.GetValueOrDefault(FigureSubject.Of(new BackendName(pool.Name, b.Id)))).OfType<FigureReading>()], _ => false).ToDictionary(s => s.Subject);

    // Empty where there is nothing to explain.
    private static string Why(StatusDocument.Backend backend, FigureReading reading, IEnumerable<StrainedBackend> strained, SlowBackend? slow)
    {
        if (backend.State != "up" || backend.Verdicts.Any(v => !v.Healthy))
        {
            return string.Join("; ", backend.Verdicts.Where(v => !v.Healthy).GroupBy(v => v.Detail).Take(3).Select(g => $"{Trouble.Listed(g.Select(v => v.Node))}: {g.Key}"));
        }

        return strained.FirstOrDefault(s => s.Circuit.Length > 0) is { } open ? $"circuit open: {open.Circuit}"
            : reading.Fails(isTold: false) ? $"{PoolTroubles.Percent(reading)} of what it is asked fails"
            : slow is not null ? $"slow: half of its answers begin after {SlowBackend.Said(slow.Milliseconds)}, the others' after {SlowBackend.Said(slow.Others)}"
            : backend.SlowStart is { } share ? string.Create(CultureInfo.InvariantCulture, $"slow start: {share:P0} of its weight")
            : backend.Backup ? "backup"
            : "";
    }
}
