namespace ActorLb.Engine.Failures;

/// <summary>How often one request may still be tried again, by what went wrong. Both lanes count alike.</summary>
internal struct Attempts
{
    /// <summary>
    /// Connections that one request may find closed before it gives up: a backend that dies leaves all of its idle
    /// ones behind at once, and each is found out only by using it. As many may be refused, which takes no time either:
    /// backends that are scaled in stop together, and they are neighbours in the rotation.
    /// </summary>
    public const int QuickTriesMax = 8;

    private int _retries;
    private int _stale;
    private int _refused;
    private bool _hasStayed;

    /// <param name="retries">retry.attempts.</param>
    public Attempts(int retries)
    {
        _retries = retries;
        _stale = retries > 0 ? QuickTriesMax : 0;
        _refused = _stale;
    }

    /// <summary>Whether one is left after this failure.</summary>
    public readonly bool HasLeft(FailureReason failure) => failure switch
    {
        FailureReason.BackendStale => _stale > 0,
        FailureReason.BackendRefused => _refused > 0,
        FailureReason.BackendConnectFailed => _refused > 0 || _retries > 0,
        _ => _retries > 0,
    };

    /// <summary>The next one is among <c>retry.attempts</c>: it may cost time, or was done once.</summary>
    public readonly bool IsCounted(FailureReason failure) =>
        failure is not (FailureReason.BackendStale or FailureReason.BackendRefused) && !(failure == FailureReason.BackendConnectFailed && _refused > 0);

    /// <summary>
    /// Whether the next one is at the same backend, on another connection: what ended was the connection's own affair. One that takes nothing on
    /// its next connection either is asked no more.
    /// </summary>
    public bool TakeStay(FailureReason failure)
    {
        bool stays = failure == FailureReason.BackendStale || (failure == FailureReason.BackendRefused && !_hasStayed);
        _hasStayed |= failure == FailureReason.BackendRefused;
        return stays;
    }

    public void Take(FailureReason failure)
    {
        if (failure == FailureReason.BackendStale)
        {
            _stale--;
        }
        else if (failure is FailureReason.BackendConnectFailed or FailureReason.BackendRefused && _refused > 0)
        {
            _refused--;
        }
        else
        {
            _retries--;
        }
    }
}
