using ActorLb.Engine.Clients;

namespace ActorLb.Engine.Health;

/// <summary>
/// The last failures of a backend within a window, until there are too many of them. Changed under its own lock, by failures only. How many
/// are too many, and the window, are each failure's to say: a reload changes them, and what was noted before counts by the new ones.
/// Holds as many as are too many, at most.
/// </summary>
internal sealed class FailureWindow
{
    private readonly Queue<(long At, ClientKey? Client)> _failures = new();
    private readonly HashSet<ClientKey> _clients = [];
    private readonly Lock _lock = new();

    /// <summary>Notes a failure; true where it is one too many, and then counting starts anew.</summary>
    /// <param name="limit">passive.failures and passive.window of now.</param>
    /// <param name="client">Whose request failed, where a client can bring it about: it counts once per window. Null: each counts.</param>
    public bool Failed(FailureLimit limit, long timestamp, ClientKey? client = null)
    {
        lock (_lock)
        {
            while (_failures.TryPeek(out (long At, ClientKey? Client) oldest) && timestamp - oldest.At > limit.Window)
            {
                Forget(_failures.Dequeue().Client);
            }

            if (client is { } known && !_clients.Add(known))
            {
                return false;
            }

            _failures.Enqueue((timestamp, client));
            if (_failures.Count < limit.Failures)
            {
                return false;
            }

            _failures.Clear();
            _clients.Clear();
            return true;
        }
    }

    private void Forget(ClientKey? client)
    {
        if (client is { } known)
        {
            _clients.Remove(known);
        }
    }
}
