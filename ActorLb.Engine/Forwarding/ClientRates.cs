using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Forwarding;

/// <summary>The least rates of one attempt's client: of the body that it sends, and of the answer that it takes. Looked at, never told.</summary>
internal struct ClientRates
{
    private LeastRate _body;
    private LeastRate _answer;
    private int _attempt;

    /// <summary>Why it is ended; None: it is fast enough, or nobody waits for it.</summary>
    /// <param name="attempt">Another than last time begins anew.</param>
    /// <param name="awaitsBody">The backend waits for the client's body, and nothing else.</param>
    /// <param name="received">Bytes from the client.</param>
    /// <param name="awaitsReader">Bytes of an answer that has an end wait for the client.</param>
    /// <param name="taken">Bytes that the client has taken.</param>
    /// <param name="now">In milliseconds.</param>
    public FailureReason Look(
        LimitSettings limits, int attempt, bool awaitsBody, long received, bool awaitsReader, long taken, long now)
    {
        if (attempt != _attempt)
        {
            this = default;
            _attempt = attempt;
        }

        long window = (long)limits.RateWindow.TotalMilliseconds;
        return !_body.Look(limits.BodyRateMin, window, awaitsBody, received, now) ? FailureReason.BodyTooSlow
            : !_answer.Look(limits.ReadRateMin, window, awaitsReader, taken, now) ? FailureReason.ReaderTooSlow
            : FailureReason.None;
    }
}
