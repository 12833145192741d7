namespace ActorLb.Engine.Http2.Client;

/// <summary>Whether a peer lives, by what is heard of it and by the PING that it was asked with. Times in milliseconds; one thread at a time.</summary>
/// <remarks>
/// Servers of gRPC end a connection, and all calls on it, whose client asks too often: the first PING behind a frame of an answer is free, and each more
/// within five minutes counts against it (grpc/doc/keepalive.md). So what clients do to their calls has a peer asked once for each of its own answers, or in five minutes.
/// </remarks>
internal struct Heartbeat(long now)
{
    /// <summary>For the answer to a PING.</summary>
    public const int PatienceMax = 5000;

    /// <summary>Who has said anything for less is not doubted.</summary>
    public const int SilenceMin = 2000;

    /// <summary>Between PINGs to a peer that answers no calls meanwhile.</summary>
    public const int AskInterval = 5 * 60 * 1000;

    private const long Never = long.MaxValue;

    private long _heardAt = now;
    private long _askedAt = Never;
    private long _lastAskedAt = Never;
    private long _doubtedAt = Never;
    private bool _hasAnswered = true;

    /// <summary>It was asked, or doubted, and nothing has come since.</summary>
    public readonly bool IsDoubtful => IsSilentSince(_askedAt) || IsSilentSince(_doubtedAt);

    public void Hear(long now) => _heardAt = now;

    /// <summary>A frame of an answer has come. One that was on its way when the peer was asked does not count: it may have been sent before.</summary>
    public void HearAnswer() => _hasAnswered |= _askedAt == Never;

    /// <summary>Whether it is to be asked now; it counts as asked then. One question at a time.</summary>
    public bool TryAsk(long now)
    {
        if (_askedAt != Never)
        {
            return false;
        }

        _askedAt = now;
        _lastAskedAt = now;
        _hasAnswered = false;
        return true;
    }

    /// <summary>A call was given up that waited since then, without a word of an answer. True: the peer is to be asked now, as with <see cref="TryAsk"/>.</summary>
    public bool Doubt(long since, long now)
    {
        if (now - Math.Max(since, _heardAt) < SilenceMin)
        {
            return false;
        }

        _doubtedAt = now;
        return TryAskAgain(now);
    }

    /// <summary>The same of a doubt that nothing has settled, because it could not be asked then.</summary>
    public bool TryAskAgain(long now) => IsDoubtful && (_hasAnswered || now - _lastAskedAt >= AskInterval) && TryAsk(now);

    public void Answered() => _askedAt = Never;

    /// <summary>Nothing has come for so long.</summary>
    public readonly bool IsSilentFor(TimeSpan span, long now) => now - _heardAt >= span.TotalMilliseconds;

    /// <summary>It was asked, and its time is over. A peer that says other things lives, and is not waited for any more.</summary>
    public bool IsGone(long now)
    {
        if (_askedAt == Never || IsSilentSince(_askedAt))
        {
            return _askedAt <= now - PatienceMax;
        }

        _askedAt = _askedAt <= now - PatienceMax ? Never : _askedAt;
        return false;
    }

    private readonly bool IsSilentSince(long then) => then != Never && _heardAt < then;
}
