using ActorLb.Node.Topologies;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Admin;

/// <summary>What <c>POST /api/v1/route</c> answers: which route a request takes, and why. Names and shape are the API's: a change here is a change of it.</summary>
/// <param name="Node">Null: of files that no node runs.</param>
/// <param name="Path">What routes are compared with: what the target means, however it is written.</param>
/// <param name="Listener">Null: nobody can say.</param>
/// <param name="Route">Null: none, the answer is 404.</param>
/// <param name="Next">What also fits, and would be taken next, in that order.</param>
/// <param name="Unfit">What fits in host and path, and not in the rest.</param>
public sealed record RouteDocument(
    string? Node,
    string Method,
    string Host,
    string Path,
    string? Listener,
    RouteDocument.Candidate? Route,
    IReadOnlyList<RouteDocument.Candidate> Next,
    IReadOnlyList<RouteDocument.Candidate> Unfit)
{
    /// <param name="Place">In the list, from 1.</param>
    /// <param name="Written">As it would be written in a configuration.</param>
    /// <param name="Pool">Its name; where the route shares sessions out, the names of all with their weights; empty: the route answers itself.</param>
    /// <param name="Why">It fits, or does not.</param>
    public sealed record Candidate(int Place, string Written, string Pool, string Why);

    /// <param name="mayReadText">Who asks may read the text of the configuration.</param>
    internal static RouteDocument Of(string? node, Topology topology, RouteQuestion question, bool mayReadText = true)
    {
        var table = new RouteTable(topology.Routes);
        string host = question.Host;
        string path = question.Path;
        string? listener = question.ListenerIn(topology);
        int taken = table.Find(host, path, question.ConditionsIn(topology));
        (RouteSettings Route, int Place, string? Against)[] near =
        [
            .. table.Routes.Select((route, place) => (Route: route, Place: place))
                .Where(r => r.Place != taken && RouteMatch.HostFits(r.Route, RouteMatch.HostName(host)) && RouteMatch.PathFits(r.Route, path))
                .Order(RouteMatch.Precedence)
                .Select(r => (r.Route, r.Place, RouteReasons.Against(r.Route, question, listener, mayReadText))),
        ];
        return new RouteDocument(
            node,
            question.Method!,
            host,
            path,
            listener,
            taken < 0 ? null : Describe(table.Routes[taken], taken, null, mayReadText),
            [.. near.Where(r => r.Against is null).Select(r => Describe(r.Route, r.Place, null, mayReadText))],
            [.. near.Where(r => r.Against is not null).Select(r => Describe(r.Route, r.Place, r.Against, mayReadText))]);
    }

    private static string PoolsOf(RouteSettings route) => route.Shares.IsEmpty
        ? route.Pool
        : string.Join(", ", route.Shares.Select(s => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{s.Pool} ({s.Weight})")));

    private static Candidate Describe(RouteSettings route, int place, string? against, bool mayReadText) =>
        new(place + 1, mayReadText ? TopologyTree.Of(route) : WithheldValues.InRoute(TopologyTree.Of(route)), PoolsOf(route), against ?? RouteReasons.For(route));
}
