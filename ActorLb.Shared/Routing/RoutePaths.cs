using ActorLb.Shared.Settings;

namespace ActorLb.Shared.Routing;

/// <summary>The routes of one host, by their paths. Immutable.</summary>
internal sealed class RoutePaths
{
    private readonly Dictionary<string, Candidate[]> _exact;
    private readonly Dictionary<string, Candidate[]> _prefixes;
    private readonly Candidate[] _rest;

    // By length: whether some prefix has it.
    private readonly bool[] _lengths;

    /// <param name="routes">In the order of precedence, with their places in the table.</param>
    public RoutePaths(IEnumerable<(RouteSettings Route, int Place)> routes)
    {
        ILookup<bool, (RouteSettings Route, int Place)> byKind = routes.ToLookup(r => r.Route.IsExact);
        _exact = ByPath(byKind[true]);
        _prefixes = ByPath(byKind[false]);
        _rest = _prefixes.Remove(RouteMatch.AnyPath, out Candidate[]? rest) ? rest : [];
        _lengths = new bool[_prefixes.Keys.Select(p => p.Length + 1).DefaultIfEmpty(0).Max()];
        foreach (string prefix in _prefixes.Keys)
        {
            _lengths[prefix.Length] = true;
        }
    }

    /// <returns>The place of the route; negative where none fits.</returns>
    public int Find<T>(ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct
    {
        int found = -1;
        if (_exact.Count > 0 && _exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out Candidate[]? exact))
        {
            found = First(exact, conditions);
        }

        if (found < 0 && _lengths.Length > 0)
        {
            found = FindPrefix(path, conditions);
        }

        return found >= 0 ? found : First(_rest, conditions);
    }

    private int FindPrefix<T>(ReadOnlySpan<char> path, T conditions)
        where T : IRouteConditions, allows ref struct
    {
        Dictionary<string, Candidate[]>.AlternateLookup<ReadOnlySpan<char>> prefixes = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int length = Math.Min(path.Length, _lengths.Length - 1); length > 0; length--)
        {
            if (_lengths[length]
                && (length == path.Length || path[length] == '/' || path[length - 1] == '/')
                && prefixes.TryGetValue(path[..length], out Candidate[]? candidates)
                && First(candidates, conditions) is >= 0 and var found)
            {
                return found;
            }
        }

        return -1;
    }

    private static int First<T>(Candidate[] candidates, T conditions)
        where T : IRouteConditions, allows ref struct
    {
        foreach (Candidate candidate in candidates)
        {
            if (candidate.Condition is null || conditions.Fit(candidate.Condition))
            {
                return candidate.Place;
            }
        }

        return -1;
    }

    private static Dictionary<string, Candidate[]> ByPath(IEnumerable<(RouteSettings Route, int Place)> routes) => routes
        .GroupBy(r => r.Route.Path, StringComparer.Ordinal)
        .ToDictionary(p => p.Key, p => p.Select(r => new Candidate(r.Place, r.Route.IsConditional ? r.Route : null)).ToArray(), StringComparer.Ordinal);

    /// <param name="Condition">Null: it has none.</param>
    private readonly record struct Candidate(int Place, RouteSettings? Condition);
}
