namespace ActorLb.Tests.House;

/// <summary>Finds what uses itself by way of others (Tarjan's strongly connected components).</summary>
internal sealed class Circles
{
    private readonly IReadOnlyDictionary<string, HashSet<string>> _uses;
    private readonly Dictionary<string, int> _index = [];
    private readonly Dictionary<string, int> _low = [];
    private readonly Stack<string> _open = [];
    private readonly List<string[]> _found = [];

    private Circles(IReadOnlyDictionary<string, HashSet<string>> uses) => _uses = uses;

    /// <summary>Each with its members in order; empty where everything stands in some order.</summary>
    public static IReadOnlyList<string[]> In(IReadOnlyDictionary<string, HashSet<string>> uses)
    {
        var search = new Circles(uses);
        foreach (string node in uses.Keys.Order(StringComparer.Ordinal))
        {
            if (!search._index.ContainsKey(node))
            {
                search.Visit(node);
            }
        }

        return search._found;
    }

    private void Visit(string node)
    {
        _index[node] = _low[node] = _index.Count;
        _open.Push(node);
        foreach (string next in _uses.GetValueOrDefault(node) ?? [])
        {
            if (!_index.TryGetValue(next, out int seen))
            {
                Visit(next);
                _low[node] = Math.Min(_low[node], _low[next]);
            }
            else if (_open.Contains(next))
            {
                _low[node] = Math.Min(_low[node], seen);
            }
        }

        if (_low[node] != _index[node])
        {
            return;
        }

        var circle = new List<string>();
        do
        {
            circle.Add(_open.Pop());
        }
        while (circle[^1] != node);
        if (circle.Count > 1)
        {
            _found.Add([.. circle.Order(StringComparer.Ordinal)]);
        }
    }
}
