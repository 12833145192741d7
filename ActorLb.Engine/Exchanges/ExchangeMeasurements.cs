using ActorLb.Engine.Failures;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// Measures requests, whichever lane brought them: each says here what it has come to, and is counted once, when it is over. Any thread, for each
/// request one at a time.
/// </summary>
internal sealed class ExchangeMeasurements(NodeMeasurements measurements, ExchangeTraces traces, TimeProvider time)
{
    /// <summary>Traces it on its way.</summary>
    public ExchangeTraces Traces => traces;

    /// <summary>Its head is there.</summary>
    public static void Began(IExchange exchange) => exchange.Times = new ExchangeTimes { BeganAt = exchange.Timestamp };

    /// <summary>Its wait for a place at its backend is over, whatever came of it.</summary>
    /// <param name="since">A timestamp.</param>
    public void Queued(IExchange exchange, BackendTraffic backend, long since)
    {
        long ticks = TicksFrom(since, time.GetTimestamp());
        exchange.Times.QueueTicks += Math.Max(1, ticks);
        measurements.Queued(exchange.MeasuringSlot, exchange.Route.Measured, exchange.Assignment.Pool.Name, backend, ticks);
    }

    /// <summary>It is to go to this backend, where it has its place.</summary>
    public void Attempts(IExchange exchange, BackendSnapshot backend)
    {
        backend.Traffic.Began();
        exchange.Times.Attempts++;
        traces.Attempt(exchange, backend);
    }

    /// <summary>A connection was made for it.</summary>
    /// <param name="since">When that began: a timestamp.</param>
    public void Connected(IExchange exchange, long since)
    {
        long ticks = TicksFrom(since, time.GetTimestamp());
        exchange.Times.ConnectTicks += Math.Max(1, ticks);
        measurements.Connected(
            exchange.MeasuringSlot, exchange.Route.Measured, exchange.Assignment.Pool.Name, exchange.Assignment.Backend!.Traffic, ticks);
    }

    /// <summary>It goes out.</summary>
    public static void Sent(IExchange exchange)
    {
        exchange.Times.SentAt = exchange.Timestamp;
        exchange.Times.AnsweredAt = 0;
    }

    /// <summary>The first byte of an answer has come.</summary>
    public static void Answered(IExchange exchange) => exchange.Times.AnsweredAt = exchange.Timestamp;

    /// <summary>It is over. Once for each.</summary>
    /// <param name="status">That its client got; 499 where it left before.</param>
    /// <param name="failure">None where a backend's answer went out whole.</param>
    /// <param name="bytesReceived">Of its body and its tunnel.</param>
    /// <param name="bytesSent">Of its answer's body and its tunnel.</param>
    public void Ended(IExchange exchange, int status, FailureReason failure, long bytesReceived, long bytesSent)
    {
        ref readonly ExchangeTimes times = ref exchange.Times;
        long ticks = TicksFrom(times.BeganAt, time.GetTimestamp());
        Exemplar? exemplar = exchange.Trace.Request is { } span
            ? new Exemplar(span.TraceId.ToHexString(), span.SpanId.ToHexString(), TimeSpan.FromTicks(ticks), time.GetUtcNow())
            : null;
        var request = new FinishedRequest
        {
            Status = status,
            Failure = failure,
            Ticks = ticks,
            FirstByteTicks = times.AnsweredAt == 0 ? -1 : TicksFrom(times.SentAt, times.AnsweredAt),
            BytesReceived = bytesReceived,
            BytesSent = bytesSent,
            Retries = Math.Max(0, times.Attempts - 1),
            Exemplar = exemplar,
        };
        exchange.ListenerRequests.Record(exchange.MeasuringSlot, request);
        measurements.Record(exchange.MeasuringSlot, exchange.Route.Measured, exchange.Assignment.Pool?.Name, exchange.Assignment.Backend?.Traffic, request);

        // Who has its span finds it measured.
        traces.Ended(exchange, status, failure);
    }

    /// <summary>A request was refused before it was one: nothing is known of it.</summary>
    /// <param name="listener">By which it came.</param>
    public void Refused(MeasuringSlot slot, ListenerRequests listener, FailureReason failure, int bytesSent)
    {
        var request = new FinishedRequest
        {
            Status = FailureAnswer.Of(failure).Status,
            Failure = failure,
            Ticks = 0,
            FirstByteTicks = -1,
            BytesReceived = 0,
            BytesSent = bytesSent,
            Retries = 0,
        };
        listener.Record(slot, request);
        measurements.Record(slot, route: null, pool: null, backend: null, request);
    }

    private long TicksFrom(long since, long until) => time.GetElapsedTime(since, until).Ticks;
}
