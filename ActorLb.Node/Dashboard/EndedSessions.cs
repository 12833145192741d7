namespace ActorLb.Node.Dashboard;

/// <summary>Sessions of the dashboard whose people logged out before their cookies are too old. Any thread.</summary>
internal sealed class EndedSessions
{
    /// <summary>Who has a token may log in and out as often as he likes: with more, the one that would end first is forgotten.</summary>
    public const int Max = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    public bool Contains(string id)
    {
        lock (_lock)
        {
            return _until.ContainsKey(id);
        }
    }

    /// <param name="until">When its cookie is too old.</param>
    public void Add(string id, DateTimeOffset until, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_until.Count >= Max)
            {
                foreach (string old in _until.Where(u => u.Value <= now).Select(u => u.Key).ToArray())
                {
                    _until.Remove(old);
                }
            }

            if (_until.Count >= Max && !_until.ContainsKey(id))
            {
                _until.Remove(_until.MinBy(u => u.Value).Key);
            }

            _until[id] = until;
        }
    }
}
