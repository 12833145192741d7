namespace ActorLb.Node.Otlp;

/// <summary>
/// What metrics are called where they are pushed: as OpenTelemetry's semantic conventions say where they have them, else in a namespace of their own, with the unit beside. Whoever
/// makes Prometheus' names of these by OpenTelemetry's rules (dots to underscores, the unit and <c>_total</c> behind) has those of <c>/metrics</c> again. Pure.
/// </summary>
internal static class OtlpNames
{
    private const string Prefix = "actorlb_";
    private const string CountSuffix = "_total";

    private static readonly Dictionary<string, (string Name, string Unit)> Conventional = new(StringComparer.Ordinal)
    {
        ["http_server_request_duration_seconds"] = ("http.server.request.duration", "s"),
        ["process_cpu_seconds_total"] = ("process.cpu.time", "s"),
        ["process_working_set_bytes"] = ("process.memory.usage", "By"),
        ["process_virtual_memory_bytes"] = ("process.memory.virtual", "By"),
        ["process_num_threads"] = ("process.thread.count", "{thread}"),
    };

    private static readonly (string Suffix, string Unit)[] Units = [("_seconds", "s"), ("_bytes", "By")];

    /// <returns>Unit: as UCUM has it; empty: a number of something.</returns>
    public static (string Name, string Unit) Of(MetricFamily family)
    {
        if (Conventional.TryGetValue(family.Name, out (string, string) known))
        {
            return known;
        }

        if (!family.Name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return (family.Name, "");
        }

        string own = family.Name[Prefix.Length..];
        own = family.Type == "counter" && own.EndsWith(CountSuffix, StringComparison.Ordinal) ? own[..^CountSuffix.Length] : own;
        (string suffix, string unit) = Units.FirstOrDefault(u => own.EndsWith(u.Suffix, StringComparison.Ordinal), (Suffix: "", Unit: ""));
        return ($"actorlb.{own[..^suffix.Length]}", unit);
    }

    /// <summary>Of a label.</summary>
    public static string OfLabel(string label) => label == "route" ? "http.route" : label;
}
