using System.Diagnostics;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traces;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// Traces requests, whichever lane brought them: a span of each that is recorded, one of each of its attempts, and one where its session moved. Any thread, for each
/// request one at a time.
/// </summary>
internal sealed class ExchangeTraces(RequestTraces traces, TimeProvider time)
{
    private readonly SpanSource _spans = traces.Spans;

    /// <summary>Its head is there, and nothing was decided about it.</summary>
    public void Began(IExchange exchange)
    {
        if (!traces.IsOn)
        {
            return;
        }

        ref RequestTrace trace = ref exchange.Trace;
        traces.Begin(ref trace, exchange.Source, exchange.Head.Fields, exchange.Fields, exchange.Forwarded.IsTrusted, exchange.Timestamp);
        if (trace.Context.IsSampled && _spans.IsHeard)
        {
            trace.Request = _spans.Begin(SpanTexts.MethodOf(exchange), ActivityKind.Server, SpanSource.ContextOf(trace.Context, trace.Parent, SpanTexts.StateOf(exchange)));
            SpanTexts.Describe(trace.Request, exchange);
        }
    }

    /// <summary>It goes to a backend, to which this attempt is its caller.</summary>
    public void Attempt(IExchange exchange, BackendSnapshot backend)
    {
        ref RequestTrace trace = ref exchange.Trace;
        if (!trace.IsOn)
        {
            return;
        }

        // One that was not told to be over failed before it had begun.
        AttemptEnded(exchange, FailureReason.None);
        ulong id = 0;
        if (trace.Request is { } request && _spans.Begin(request.OperationName, ActivityKind.Client, request.Context) is { } attempt)
        {
            trace.Attempt = attempt;
            id = SpanSource.IdOf(attempt);
            SpanTexts.Describe(attempt, exchange, backend);
        }

        trace.Context = trace.Context with { Span = id == 0 ? TraceIds.Next() : id };
    }

    /// <summary>An attempt is over.</summary>
    /// <param name="failure">None: its answer went out.</param>
    public void AttemptEnded(IExchange exchange, FailureReason failure)
    {
        ref RequestTrace trace = ref exchange.Trace;
        if (trace.Attempt is { } attempt)
        {
            trace.Attempt = null;
            bool isSent = failure == FailureReason.None || FailureAnswer.Of(failure).Retry != RetrySafety.NothingSent;
            SpanTexts.Conclude(attempt, isSent ? exchange.BackendStatus : 0, failure, failsFrom: 400);
            _spans.End(attempt);
        }
    }

    /// <summary>Waits for an assignment: one that had to wait for its session's new home has a span of its own.</summary>
    public ValueTask<Assignment> AssignedAsync(IExchange exchange, ValueTask<Assignment> pending) =>
        exchange.Trace.Request is { } request ? AssignedAsync(request, pending) : pending;

    /// <summary>It is over.</summary>
    /// <inheritdoc cref="ExchangeMeasurements.Ended"/>
    public void Ended(IExchange exchange, int status, FailureReason failure)
    {
        ref RequestTrace trace = ref exchange.Trace;
        if (trace.Request is { } request)
        {
            AttemptEnded(exchange, failure);
            trace.Request = null;
            SpanTexts.Describe(request, exchange.Assignment, exchange.Route.Measured?.Name, exchange.Times.Attempts, exchange.Times.QueueTicks);
            SpanTexts.Conclude(request, status, failure, failsFrom: 500);
            _spans.End(request);
        }
    }

    private async ValueTask<Assignment> AssignedAsync(Activity request, ValueTask<Assignment> pending)
    {
        DateTimeOffset since = time.GetUtcNow();
        Assignment assignment = await pending.ConfigureAwait(false);
        if (assignment.Left is { } left
            && _spans.Begin("session.rebind", ActivityKind.Internal, request.Context, since, SpanSource.LinksTo(traces.CauseOfMove(assignment.Pool.Name, left.From, left.Reason))) is { } span)
        {
            SpanTexts.Describe(span, assignment, left.Reason);
            _spans.End(span);
        }

        return assignment;
    }
}
