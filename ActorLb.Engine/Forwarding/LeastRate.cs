namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Whether one side of an exchange moves bytes as fast as it must, while the other side waits for it. Looked at now and then;
/// only the time in which bytes wait counts, and each window of it is judged by itself, so that a fast start buys nothing.
/// </summary>
internal struct LeastRate
{
    private long _lookedAt;
    private long _moved;
    private long _waited;
    private long _movedMeanwhile;
    private bool _wasWaiting;

    /// <summary>False: it was too slow.</summary>
    /// <param name="bytesMin">A second; 0: there is no limit.</param>
    /// <param name="window">In milliseconds.</param>
    /// <param name="isWaiting">Bytes wait for this side now.</param>
    /// <param name="moved">Bytes that it has moved in all.</param>
    /// <param name="now">In milliseconds.</param>
    public bool Look(long bytesMin, long window, bool isWaiting, long moved, long now)
    {
        if (bytesMin <= 0)
        {
            return true;
        }

        if (isWaiting && _wasWaiting)
        {
            _waited += now - _lookedAt;
            _movedMeanwhile += moved - _moved;
        }

        _wasWaiting = isWaiting;
        _lookedAt = now;
        _moved = moved;
        if (_waited < window)
        {
            return true;
        }

        bool isFast = _movedMeanwhile >= bytesMin * _waited / 1000;
        _waited = 0;
        _movedMeanwhile = 0;
        return isFast;
    }
}
