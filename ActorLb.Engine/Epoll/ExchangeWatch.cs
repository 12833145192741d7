using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.OpenExchanges;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Epoll;

/// <summary>Whether an exchange that is open for longer than most may stay: its client's pace, its session, its backend, its node. On the loop's thread.</summary>
internal sealed class ExchangeWatch(Exchange exchange, ResponseSide response)
{
    private OpenExchange _open;
    private ClientRates _rates;

    /// <summary>What is left of the time that those have who are told to end.</summary>
    public TimeSpan GraceLeft => exchange.Lane.Review.Grace - _open.Waited;

    public void Begin() => _open.Begin(exchange.Loop.Events.Now);

    /// <param name="assignment">Where it was.</param>
    public void End(in Assignment assignment) => exchange.Lane.Review.End(assignment, ref _open);

    public void Look()
    {
        LaneLoop loop = exchange.Loop;
        OpenExchangeReview review = exchange.Lane.Review;
        long age = loop.IsClosing ? 0 : (long)review.Period.TotalMilliseconds;
        if (!exchange.IsAtBackend || !_open.IsOlderThan(age, loop.Events.Now) || (!exchange.IsTunnel && IsTooSlow(loop)))
        {
            return;
        }

        ExchangeKind kind = exchange.IsTunnel ? ExchangeKind.Tunnel : response.IsStream ? ExchangeKind.Stream : ExchangeKind.Answer;
        FailureReason why = review.Look(exchange.Facts.Assignment, kind, loop.IsClosing, ref _open);
        if (why == FailureReason.None)
        {
            _open.Stay();
        }
        else if (exchange.Tunnel.IsClosing)
        {
            // It has been asked.
        }
        else if (!_open.IsOver(_open.IsLeaving ? default : review.TimeLeft(exchange.Facts.Assignment, kind, why), loop.Events.Now))
        {
            loop.Exchanges.LookAgain(_open.LeavesAt);
        }
        else if (exchange.IsTunnel)
        {
            exchange.CloseTunnel(why);
        }
        else
        {
            exchange.CutOff(why);
        }
    }

    private bool IsTooSlow(LaneLoop loop)
    {
        bool awaitsReader = exchange.Client.IsSending && !response.IsStream;
        FailureReason slow = _rates.Look(
            loop.Limits,
            exchange.AttemptNumber,
            exchange.IsAwaitingClient,
            exchange.Client.BytesReceived,
            awaitsReader,
            awaitsReader ? exchange.Client.BytesTaken : 0,
            loop.Events.Now);
        if (slow == FailureReason.None)
        {
            return false;
        }

        exchange.GiveUp(slow);
        return true;
    }
}
