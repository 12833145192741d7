using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Tells keys that others sign with from keys that were dropped or made up: clients come again and again with tickets of
/// the former, because somebody gives them out under the same host name. A few keys at a time. Any thread.
/// </summary>
public sealed class UnknownKeys
{
    /// <summary>Tickets of one key before it is reported: what was dropped comes once from each client, and few are so late.</summary>
    public const int TicketsMin = 10;

    /// <summary>Keys that are remembered, and that are ever reported.</summary>
    public const int KeysMax = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, Sightings> _keys = [];
    private readonly Queue<ushort> _due = new();
    private int _reported;

    /// <summary>A ticket came whose key this node does not have.</summary>
    internal void Saw(ushort key, in TicketClaim claim, uint now)
    {
        lock (_gate)
        {
            if (!_keys.TryGetValue(key, out Sightings? seen))
            {
                if (_keys.Count == KeysMax)
                {
                    _keys.Remove(_keys.MinBy(k => k.Value.Count).Key);
                }

                _keys.Add(key, seen = new Sightings(now));
            }

            if (seen.Add(claim) && _reported < KeysMax)
            {
                _reported++;
                _due.Enqueue(key);
            }
        }
    }

    /// <summary>A key that somebody signs with and that was not reported yet.</summary>
    public bool TryTake(out ushort key)
    {
        lock (_gate)
        {
            return _due.TryDequeue(out key);
        }
    }

    private sealed class Sightings(uint firstAt)
    {
        private SessionId _session;
        private int _ofSession;
        private bool _issuedSince;
        private bool _isDue;

        public int Count { get; private set; }

        /// <summary>True once: one ticket comes again and again although its client was given another, or they go on being issued.</summary>
        public bool Add(in TicketClaim claim)
        {
            Count = Math.Min(Count + 1, int.MaxValue - 1);
            _ofSession = claim.Session == _session ? _ofSession + 1 : 1;
            _session = claim.Session;
            _issuedSince |= claim.IssuedAt > firstAt;
            if (_isDue || Count < TicketsMin || !(_issuedSince || _ofSession >= TicketsMin))
            {
                return false;
            }

            return _isDue = true;
        }
    }
}
