using System.Collections.Concurrent;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Sessions of one pool whose client was given its cookie by a backend and has not sent it back yet. Each is kept for
/// <see cref="Lifetime"/>, and only so many: a client that never sends its cookie back costs no lasting memory. Any thread.
/// </summary>
public sealed class LearnedSessions(TimeProvider time)
{
    /// <summary>A browser sends a new cookie back with its next request; who takes longer than this is balanced as a new client.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>2,000 new sessions a second for all of their time, about 10 MiB.</summary>
    public const int Max = 65_536;

    private readonly ConcurrentDictionary<SessionId, Learned> _sessions = new();
    private readonly ConcurrentQueue<(SessionId Id, long Until)> _byAge = new();
    private long _displaced;
    private int _count;

    /// <summary>Beyond, the oldest go: affinity.max-sessions, where that is less than <see cref="Max"/>.</summary>
    public int Limit { get; set; } = Max;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Those that had to go before their time.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    public bool TryGet(SessionId id, out Binding binding)
    {
        bool found = _sessions.TryGetValue(id, out Learned learned) && learned.Until > Now;
        binding = found ? learned.Binding : default;
        return found;
    }

    /// <summary>Notes one; what is said again lasts from now.</summary>
    public void Note(in Binding binding)
    {
        long until = Now + (long)Lifetime.TotalMilliseconds;
        var learned = new Learned(binding, until);
        if (_sessions.TryAdd(binding.Id, learned))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _sessions[binding.Id] = learned;
        }

        _byAge.Enqueue((binding.Id, until));
        while (Count > Limit && _byAge.TryDequeue(out (SessionId Id, long Until) oldest))
        {
            Drop(oldest.Id, oldest.Until, Now);
        }

        Expire();
    }

    /// <summary>Drops those whose time is over.</summary>
    public void Expire()
    {
        long now = Now;
        while (_byAge.TryPeek(out (SessionId Id, long Until) oldest) && oldest.Until <= now && _byAge.TryDequeue(out oldest))
        {
            Drop(oldest.Id, oldest.Until, now);
        }
    }

    private long Now => time.GetTimestamp() / (time.TimestampFrequency / 1000);

    // One that was noted again has a place further behind.
    private void Drop(SessionId id, long until, long now)
    {
        if (_sessions.TryGetValue(id, out Learned learned) && learned.Until == until && _sessions.TryRemove(KeyValuePair.Create(id, learned)))
        {
            Interlocked.Decrement(ref _count);
            if (until > now)
            {
                Interlocked.Increment(ref _displaced);
            }
        }
    }

    private readonly record struct Learned(Binding Binding, long Until);
}
