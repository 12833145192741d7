namespace ActorLb.Node.Events.Sources;

/// <summary>
/// The last word of the log of all nodes on each of whom it speaks: by the order of the events' ids, not by when they came here. Not for two
/// threads at once.
/// </summary>
/// <param name="subjectOf">Of whom an event speaks; null: of none of these.</param>
internal sealed class LastWords(EventLog log, Func<NodeEvent, string?> subjectOf)
{
    /// <summary>Names may come and go with each start: beyond this the oldest words are forgotten.</summary>
    private const int WordsMax = 4096;

    private readonly Dictionary<string, NodeEvent> _words = new(StringComparer.Ordinal);
    private readonly LogReader _reader = new(log);

    /// <summary>Whether a node is in the cluster and answers, by its name.</summary>
    public static LastWords OnMembers(EventLog log) => new(log, e => MemberChanges.IsOfMember(e.Kind) ? MemberChanges.NameIn(e.Text) : null);

    /// <summary>Whether a backend is up, by pool/backend.</summary>
    public static LastWords OnBackends(EventLog log) =>
        new(log, e => IsOfBackend(e.Kind) ? $"{e.Pool}/{e.Backend}" : null);

    /// <summary>What a node says of what it alone sees: that it began, or is over.</summary>
    public static LastWords OnPairs(EventLog log) => new(log, EventPairs.SubjectOf);

    public static bool IsOfBackend(EventKind kind) => kind is EventKind.BackendUp or EventKind.BackendDown or EventKind.BackendDegraded;

    /// <returns>Null: nothing is said of it.</returns>
    public NodeEvent? On(string subject)
    {
        Read();
        return _words.GetValueOrDefault(subject);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<NodeEvent> All()
    {
        Read();
        return _words.Values;
    }

    private void Read()
    {
        foreach (NodeEvent one in _reader.Read())
        {
            if (subjectOf(one) is { } subject)
            {
                Take(subject, one);
            }
        }
    }

    private void Take(string subject, NodeEvent one)
    {
        if (_words.TryGetValue(subject, out NodeEvent? known) && known.Id.CompareTo(one.Id) >= 0)
        {
            return;
        }

        _words[subject] = one;
        if (_words.Count > WordsMax)
        {
            _words.Remove(_words.MinBy(w => w.Value.Id).Key);
        }
    }
}
