using ActorLb.Engine.Failures;
using ActorLb.Engine.Measurements;
using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>
/// What a node counts of its requests. Of a route, a pool or a backend there is what has happened, and nothing any more once it
/// was removed. Names are OpenTelemetry's where it has one.
/// </summary>
internal static class RequestMetrics
{
    /// <summary>What labels say of a class of status, by its first digit.</summary>
    internal static readonly string[] StatusClasses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private const string Counter = "counter";
    private const string Distribution = "histogram";

    // Several reasons may have one name: whoever reads it cannot tell them apart.
    private static readonly IReadOnlyList<IGrouping<string, FailureReason>> Reasons =
        [.. Enum.GetValues<FailureReason>().Where(r => r != FailureReason.None).GroupBy(r => FailureAnswer.Of(r).Name)];

    public static byte[] Write(NodeFigures figures, MetricFormat format)
    {
        var text = new MetricText(format);
        WriteRoutes(text, figures.Routes);
        WritePools(text, figures.Pools);
        WriteBackends(text, figures.Backends);
        return text.ToUtf8();
    }

    private static void WriteRoutes(MetricText text, IReadOnlyList<RouteFigures> routes)
    {
        text.Begin("http_server_request_duration_seconds", Distribution, "From a request's head to the end of its answer, by the class of the status that its client got.");
        EachClass(
            routes,
            (r, status, of) => text.Histogram(r.Requests.WholeOf(of), r.Exemplars.Of(of), ("route", r.Route), ("pool", r.Pool), ("status", status)));
        text.Begin("actorlb_request_failures_total", Counter, "Requests that no backend's whole answer ended, by reason.");
        EachReason(routes, r => r.Requests, (r, reason, count) => text.Count(count, ("route", r.Route), ("pool", r.Pool), ("reason", reason)));
        text.Begin("actorlb_request_body_bytes_total", Counter, "Bytes of requests' bodies, and what clients sent over tunnels.");
        Each(routes, r => text.Count(r.Requests.BytesReceived, ("route", r.Route), ("pool", r.Pool)));
        text.Begin("actorlb_response_body_bytes_total", Counter, "Bytes of answers' bodies, and what clients got over tunnels.");
        Each(routes, r => text.Count(r.Requests.BytesSent, ("route", r.Route), ("pool", r.Pool)));
        text.Begin("actorlb_request_retries_total", Counter, "Attempts beyond the first of each request.");
        Each(routes, r => text.Count(r.Requests.Retries, ("route", r.Route), ("pool", r.Pool)));
    }

    private static void WritePools(MetricText text, IReadOnlyList<PoolFigures> pools)
    {
        text.Begin("actorlb_pool_requests_total", Counter, "Requests that are over, by the class of the status that their clients got.");
        EachClass(pools, (p, status, of) => text.Count(p.Requests.CountOf(of), ("pool", p.Pool), ("status", status)));
        text.Begin("actorlb_pool_request_failures_total", Counter, "Requests to a pool that no backend's whole answer ended, by reason.");
        EachReason(pools, p => p.Requests, (p, reason, count) => text.Count(count, ("pool", p.Pool), ("reason", reason)));
        text.Begin("actorlb_pool_failed_requests_total", Counter, "Requests to a pool that failed as status and the dashboard count it: a status of class 5, or an answer that broke off; by reason.");
        Each(pools, p =>
        {
            Dictionary<string, long> failed = FailureCount.Of(p.Requests.FailuresByReason).ToDictionary(f => f.Label, f => f.Count);
            foreach (string reason in Reasons.Select(r => r.Key).Prepend(FailureCount.Answered.Label))
            {
                text.Count(failed.GetValueOrDefault(reason), ("pool", p.Pool), ("reason", reason));
            }
        });
    }

    private static void WriteBackends(MetricText text, IReadOnlyList<BackendFigures> backends)
    {
        text.Begin("actorlb_backend_responses_total", Counter, "Requests that are over and asked this backend last, by the class of the status that their clients got.");
        EachClass(backends, (b, status, of) => text.Count(b.Requests.CountOf(of), ("pool", b.Pool), ("backend", b.Backend), ("status", status)));
        text.Begin("actorlb_backend_request_failures_total", Counter, "Requests that asked this backend last and got no whole answer of it, by reason.");
        EachReason(backends, b => b.Requests, (b, reason, count) => text.Count(count, ("pool", b.Pool), ("backend", b.Backend), ("reason", reason)));
        WriteTimes("actorlb_backend_request_duration_seconds", "From a request's head to the end of its answer.", f => f.Whole);
        WriteTimes("actorlb_backend_first_byte_seconds", "From when a request was sent to the first byte of the backend's answer.", f => f.FirstByte);
        WriteTimes("actorlb_backend_connect_seconds", "How long new connections to a backend took, TLS included.", f => f.Connect);
        WriteTimes("actorlb_backend_queue_seconds", "How long requests that found no free place waited for one.", f => f.Queue);

        void WriteTimes(string name, string help, Func<RequestFigures, Histogram> times)
        {
            text.Begin(name, Distribution, help);
            Each(backends, b => text.Histogram(times(b.Requests), [], ("pool", b.Pool), ("backend", b.Backend)));
        }
    }

    private static void Each<T>(IReadOnlyList<T> all, Action<T> write)
    {
        foreach (T one in all)
        {
            write(one);
        }
    }

    /// <param name="write">One of them, the class of status as labels have it, and its number.</param>
    private static void EachClass<T>(IReadOnlyList<T> all, Action<T, string, int> write) => Each(all, one =>
    {
        for (int statusClass = 0; statusClass < StatusClasses.Length; statusClass++)
        {
            write(one, StatusClasses[statusClass], statusClass);
        }
    });

    private static void EachReason<T>(IReadOnlyList<T> all, Func<T, RequestFigures> figures, Action<T, string, long> write) => Each(all, one =>
    {
        foreach (IGrouping<string, FailureReason> reasons in Reasons)
        {
            write(one, reasons.Key, reasons.Sum(figures(one).CountOf));
        }
    });
}
