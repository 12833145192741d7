using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Sessions of one pool whose client was given its cookie by a backend and has not sent it back yet. Each is kept for
/// <see cref="Lifetime"/>, and only so many: a client that never sends its cookie back costs no lasting memory, and where it begins
/// session after session those of others stay. Any thread.
/// </summary>
public sealed class LearnedSessions(TimeProvider time)
{
    /// <summary>A browser sends a new cookie back with its next request; who takes longer than this is balanced as a new client.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>2,000 new sessions a second for all of their time.</summary>
    public const int Max = 65_536;

    /// <summary>One client holds one of so many places at most, once half of them are taken: thirty a second of all that there may be.</summary>
    public const int Shares = 64;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<SessionId, Learned> _sessions = new();
    private readonly LinkedList<Learned> _own = new();
    private readonly LinkedList<Learned> _told = new();
    private readonly Dictionary<ulong, LinkedList<Learned>> _byClient = [];
    private long _displaced;
    private int _count;

    /// <summary>Beyond, the oldest go: affinity.max-sessions, where that is less than <see cref="Max"/>.</summary>
    public int Limit { get; set; } = Max;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Those that had to go before their time.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    private int ShareMax => Math.Max(1, Limit / Shares);

    private long Now => time.GetTimestamp() / (time.TimestampFrequency / 1000);

    public bool TryGet(SessionId id, out Binding binding)
    {
        bool found = _sessions.TryGetValue(id, out Learned? learned) && learned.Until > Now;
        binding = found ? learned!.Binding : default;
        return found;
    }

    /// <summary>Notes one that an answer of this node has begun; what is said again lasts from now.</summary>
    /// <param name="client">Whose address has its places: a hash of it, 0 where nobody can say.</param>
    public void Note(in Binding binding, ulong client = 0)
    {
        lock (_gate)
        {
            long now = Now;
            Add(binding, _own, client, now);
            Expire(now);

            // Two for one, so that who had more while there was room is soon down to his share.
            LinkedList<Learned> mine = _byClient[client];
            for (int i = 0; i < 2 && mine.Count > ShareMax && _count > Limit / 2; i++)
            {
                Displace(mine.First!.Value);
            }

            Bound();
        }
    }

    /// <summary>Notes one that another node has begun. That node has it as well, and is asked: so these go first where there are too many.</summary>
    public void Told(in Binding binding)
    {
        lock (_gate)
        {
            long now = Now;
            Add(binding, _told, 0, now);
            Expire(now);
            Bound();
        }
    }

    /// <summary>Drops those whose time is over.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            Expire(Now);
        }
    }

    private void Expire(long now)
    {
        while (Oldest(_own, now, out Learned? oldest) || Oldest(_told, now, out oldest))
        {
            Remove(oldest);
        }
    }

    private static bool Oldest(LinkedList<Learned> list, long now, [NotNullWhen(true)] out Learned? oldest)
    {
        oldest = list.First?.Value;
        return oldest is not null && oldest.Until <= now;
    }

    private void Bound()
    {
        while (_count > Limit)
        {
            Displace((_told.First ?? _own.First)!.Value);
        }
    }

    // What this node has begun itself stays its own, whoever tells it of that.
    private void Add(in Binding binding, LinkedList<Learned> list, ulong client, long now)
    {
        if (_sessions.TryGetValue(binding.Id, out Learned? before))
        {
            (list, client) = list == _told && before.ByAge.List == _own ? (_own, before.Client) : (list, client);
            Unlink(before);
        }

        // Never gone in between: who looks takes no lock.
        var learned = new Learned(binding, now + (long)Lifetime.TotalMilliseconds, client);
        list.AddLast(learned.ByAge);
        if (list == _own)
        {
            if (!_byClient.TryGetValue(client, out LinkedList<Learned>? mine))
            {
                _byClient.Add(client, mine = new LinkedList<Learned>());
            }

            mine.AddLast(learned.OfClient);
        }

        _sessions[binding.Id] = learned;
        _count++;
    }

    private void Displace(Learned learned)
    {
        Remove(learned);
        Interlocked.Increment(ref _displaced);
    }

    private void Remove(Learned learned)
    {
        Unlink(learned);
        _sessions.TryRemove(learned.Binding.Id, out _);
    }

    private void Unlink(Learned learned)
    {
        learned.ByAge.List!.Remove(learned.ByAge);
        if (learned.OfClient.List is { } mine)
        {
            mine.Remove(learned.OfClient);
            if (mine.Count == 0)
            {
                _byClient.Remove(learned.Client);
            }
        }

        _count--;
    }

    private sealed class Learned
    {
        public Learned(in Binding binding, long until, ulong client)
        {
            Binding = binding;
            Until = until;
            Client = client;
            ByAge = new LinkedListNode<Learned>(this);
            OfClient = new LinkedListNode<Learned>(this);
        }

        public Binding Binding { get; }

        public long Until { get; }

        public ulong Client { get; }

        public LinkedListNode<Learned> ByAge { get; }

        public LinkedListNode<Learned> OfClient { get; }
    }
}
