using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Dashboard;

/// <summary>
/// What the data plane has counted so far, subject by subject. Failures are answers of class 5 and those that broke off: of requests as their clients got them, at a backend of the attempts there.
/// </summary>
internal sealed class FigureSource(DataPlane plane)
{
    public IEnumerable<(FigureSubject Subject, FigureTotals Totals)> Read()
    {
        NodeFigures now = plane.Measurements.Read();
        long[] sessions = new long[SessionCounts.Kinds];
        foreach (BindingTable table in plane.Tables.Values)
        {
            Add(table.OfGone.Totals(), sessions);
        }

        RequestFigures all = RequestFigures.Empty;
        foreach (IGrouping<string, RouteFigures> route in now.Routes.GroupBy(r => r.Route, StringComparer.Ordinal))
        {
            RequestFigures sum = RequestFigures.Empty;
            foreach (RouteFigures ofPool in route)
            {
                sum = sum.Add(ofPool.Requests);
                if (ofPool.Pool.Length > 0)
                {
                    yield return (new FigureSubject(SubjectKind.Route, route.Key, ofPool.Pool), Totals(ofPool.Requests));
                }
            }

            all = all.Add(sum);
            yield return (new FigureSubject(SubjectKind.Route, route.Key), Totals(sum));
        }

        yield return (FigureSubject.Node, Totals(all));
        foreach (PoolFigures pool in now.Pools)
        {
            yield return (new FigureSubject(SubjectKind.Pool, pool.Pool), Totals(pool.Requests));
        }

        foreach (BackendFigures backend in now.Backends)
        {
            var name = new BackendName(backend.Pool, backend.Backend);
            if (plane.Traffic.TryGetValue(name, out BackendTraffic? traffic))
            {
                Add(traffic.Sessions.Totals(), sessions);
                yield return (FigureSubject.Of(name), Totals(backend.Requests) with { Failures = traffic.Failures + traffic.BadAnswers, Reasons = ReasonsOf(traffic) });
            }
        }

        foreach ((string listener, ListenerConnections connections) in plane.Connections.Listeners)
        {
            yield return (new FigureSubject(SubjectKind.Listener, listener), new FigureTotals(connections.Requests.Count, connections.Requests.Failures));
        }

        for (int i = 0; i < sessions.Length; i++)
        {
            yield return (new FigureSubject(SubjectKind.Sessions, ((SessionEvent)i).ToString()), new FigureTotals(sessions[i], 0));
        }
    }

    private static FigureTotals Totals(RequestFigures requests) => new(requests.Count, requests.Failures, requests.FirstByte)
    {
        Reasons = requests.FailuresByReason.IndexOfAnyExcept(0L) < 0 ? null : requests.FailuresByReason.ToArray(),
    };

    // With those whom its queue turned away: they are no failures of the backend's, and say where its pool's are.
    private static long[]? ReasonsOf(BackendTraffic traffic)
    {
        (long answered, long refused, long waited) = (traffic.BadAnswers, traffic.QueueRefusals, traffic.QueueTimeouts);
        if ((answered | refused | waited | traffic.Failures) == 0)
        {
            return null;
        }

        var reasons = new long[BackendTraffic.ReasonsMax];
        traffic.FailuresByReason.CopyTo(reasons);
        reasons[(int)FailureReason.None] += answered;
        reasons[(int)FailureReason.QueueFull] = refused;
        reasons[(int)FailureReason.QueueTimeout] = waited;
        return reasons;
    }

    private static void Add(long[]? totals, long[] sums)
    {
        for (int i = 0; i < totals?.Length; i++)
        {
            sums[i] += totals[i];
        }
    }
}
