using System.Security.Cryptography;

namespace ActorLb.Node.SampleBackend;

/// <summary>What one request learns about its visitor.</summary>
/// <param name="Id">The session's id; the cookie's value.</param>
/// <param name="IsNew">The visitor sent no usable cookie: the answer has to set one.</param>
/// <param name="Stranger">The visitor has a session, but another server made it.</param>
/// <param name="User">Who is logged in here, or null.</param>
/// <param name="Visits">Page views of this visitor on this server, this one included.</param>
internal sealed record Visit(string Id, bool IsNew, bool Stranger, string? User, int Visits);

/// <summary>
/// The sample site's sessions, in this server's memory and nowhere else: that is the point of it. Any thread.
/// </summary>
internal sealed class SampleSessions(TimeProvider time, int sessionsMax = 10_000)
{
    private const int IdBytes = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];

    private sealed class Entry
    {
        public required bool MadeHere { get; init; }

        public string? User { get; set; }

        public int Visits { get; set; }

        public DateTimeOffset LastSeen { get; set; }
    }

    /// <summary>Counts one visit.</summary>
    public Visit Visit(string? cookie)
    {
        lock (_gate)
        {
            bool isNew = !IsId(cookie);
            string id = isNew ? NewId() : cookie!;
            Entry entry = EntryOf(id, madeHere: isNew);
            entry.Visits++;
            return new Visit(id, isNew, !entry.MadeHere, entry.User, entry.Visits);
        }
    }

    /// <summary>Logs the visitor in under a new id (a login never continues an id that the client chose) and returns it.</summary>
    public string LogIn(string? cookie, string user)
    {
        lock (_gate)
        {
            int visits = cookie is not null && _entries.Remove(cookie, out Entry? old) ? old.Visits : 0;
            string id = NewId();
            Entry entry = EntryOf(id, madeHere: true);
            entry.User = user;
            entry.Visits = visits;
            return id;
        }
    }

    public void LogOut(string? cookie)
    {
        lock (_gate)
        {
            if (cookie is not null)
            {
                _entries.Remove(cookie);
            }
        }
    }

    private Entry EntryOf(string id, bool madeHere)
    {
        if (!_entries.TryGetValue(id, out Entry? entry))
        {
            MakeRoom();
            entry = new Entry { MadeHere = madeHere };
            _entries.Add(id, entry);
        }

        entry.LastSeen = time.GetUtcNow();
        return entry;
    }

    // A tenth at a time, so that a flood of visitors without cookies does not sort the table on each of them.
    private void MakeRoom()
    {
        if (_entries.Count < sessionsMax)
        {
            return;
        }

        foreach (string id in _entries.OrderBy(e => e.Value.LastSeen).Take(Math.Max(1, sessionsMax / 10)).Select(e => e.Key).ToArray())
        {
            _entries.Remove(id);
        }
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    private static bool IsId(string? text) => text is { Length: IdBytes * 2 } && text.All(char.IsAsciiHexDigitLower);
}
