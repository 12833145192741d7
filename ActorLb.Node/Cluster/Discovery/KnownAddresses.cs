using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// The addresses at which nodes may be, what was heard of each, and the questions under way. At most 256: where every
/// start of a node brings a new address, the dead make room for the living. Used by one actor.
/// </summary>
internal sealed class KnownAddresses(IEnumerable<HostPort> first)
{
    public const int Max = 256;

    /// <summary>Questions to one address that wait for their answers: as many as are asked within the time for one.</summary>
    private const int QuestionsMax = 4;

    private readonly HashSet<HostPort> _known = [.. first];
    private readonly HashSet<HostPort> _answering = [];
    private readonly Dictionary<HostPort, DateTimeOffset> _heardAt = [];
    private readonly Dictionary<HostPort, int> _questions = [];

    public IReadOnlyCollection<HostPort> All => _known;

    /// <param name="needed">Those that are never forgotten for others. Asked only where there is no room.</param>
    /// <returns>True where one of them is new.</returns>
    public bool Learn(IEnumerable<HostPort> addresses, Func<IEnumerable<HostPort>> needed)
    {
        bool grew = false;
        foreach (HostPort address in addresses.Where(a => !_known.Contains(a)))
        {
            grew |= (_known.Count < Max || Forget(needed())) && _known.Add(address);
        }

        return grew;
    }

    /// <summary>The node there asked or answered.</summary>
    public void Heard(HostPort address, DateTimeOffset at)
    {
        if (_known.Contains(address))
        {
            _heardAt[address] = at;
        }
    }

    public bool WasHeardSince(HostPort address, DateTimeOffset at) =>
        _heardAt.TryGetValue(address, out DateTimeOffset heardAt) && heardAt >= at;

    /// <summary>
    /// Begins a question; false where too many wait already. A node that is just starting does not hear the first one: the
    /// next must not wait until that is lost.
    /// </summary>
    public bool TryAsk(HostPort address)
    {
        int questions = _questions.GetValueOrDefault(address);
        if (questions >= QuestionsMax)
        {
            return false;
        }

        _questions[address] = questions + 1;
        return true;
    }

    /// <summary>A question has ended.</summary>
    public void Ended(HostPort address, bool answered)
    {
        if (_questions.TryGetValue(address, out int questions) && questions > 1)
        {
            _questions[address] = questions - 1;
        }
        else
        {
            _questions.Remove(address);
        }

        if (answered)
        {
            _answering.Add(address);
        }
    }

    /// <summary>It answered the last question that was not overtaken.</summary>
    public bool Answers(HostPort address) => _answering.Contains(address);

    public void FellSilent(HostPort address) => _answering.Remove(address);

    private bool Forget(IEnumerable<HostPort> needed)
    {
        HostPort forgotten = _known.Except(needed).OrderBy(a => _heardAt.GetValueOrDefault(a)).FirstOrDefault();
        _heardAt.Remove(forgotten);
        _answering.Remove(forgotten);
        return _known.Remove(forgotten);
    }
}
