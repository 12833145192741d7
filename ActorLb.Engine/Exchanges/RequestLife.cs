using System.Text;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Client;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// The life of a request, whichever lane and protocol brought it, in the order of its steps: screen, redirect to https, route, the route's filters, assign, admit
/// (<see cref="Admission"/>), attempt (the lane's own), judge (again, or an answer of our own), answer, report. What is decided is
/// decided here; bytes, timers and waits are the lane's. Any thread.
/// </summary>
internal sealed class RequestLife(DataPlane plane, TrafficDirector director, PassiveHealth passive, FailureLog failures)
{
    /// <summary>Measures it on its way.</summary>
    public ExchangeMeasurements Measured { get; } = new(plane.Measurements, new ExchangeTraces(plane.Traces, plane.Time), plane.Time);

    /// <summary>Whether the node takes it, and where it goes.</summary>
    /// <param name="hasRoom">There is memory for what it may come to hold.</param>
    /// <param name="bodyBytesMax">limits.body-bytes-max; 0: there is none.</param>
    public Opening Open(IExchange exchange, bool hasRoom, long bodyBytesMax, RouteFinder routes)
    {
        Measured.Traces.Began(exchange);
        if (!hasRoom || plane.Memory.IsFull)
        {
            plane.Memory.Refuse();
            return new(FailureReason.OutOfMemory);
        }

        ref readonly RequestHead head = ref exchange.Head;
        exchange.Route.BodyBytesMax = bodyBytesMax;
        if (exchange.HttpsRedirect is { } redirect && redirect.Look(Filtered(exchange)) is { Failure: not FailureReason.None } sent)
        {
            exchange.Route.Answer = sent.Answer;
            return new(sent.Failure);
        }

        ChosenRoute route = routes.Find(exchange.Source, head, exchange.Fields, exchange.Listener);
        exchange.Route.Measured = route.Measured;
        exchange.Route.Filters = route.Filters;
        exchange.Route.BodyBytesMax = bodyBytesMax = route.Filters?.BodyBytesMax ?? bodyBytesMax;
        if (bodyBytesMax > 0 && head.ContentLength > bodyBytesMax)
        {
            return new(FailureReason.RequestTooLarge);
        }

        if (route.IsNone)
        {
            return new(FailureReason.NoRoute);
        }

        if (LoopMark.IsLooping(exchange.Source, head, exchange.Fields))
        {
            return new(FailureReason.LoopDetected);
        }

        return route.Filters is null ? Enter(exchange, route) : Admit(exchange, route);
    }

    /// <summary>Where it goes that was asked about.</summary>
    /// <param name="opening">That it waited with.</param>
    public Opening GoOn(IExchange exchange, in Opening opening, in FilterVerdict verdict)
    {
        exchange.Route.Answer = verdict.Answer;
        exchange.Route.RequestLines = verdict.RequestLines;
        return verdict.Failure != FailureReason.None ? new(verdict.Failure) : Answer(exchange, opening.Route);
    }

    /// <summary>How long a backend may take for its answer, and be silent within it; zero: there is no limit.</summary>
    public static TimeSpan ResponseTimeout(IExchange exchange, LimitSettings limits) =>
        exchange.Route.Filters?.ResponseTimeout ?? exchange.Assignment.Pool.Settings.ResponseTimeout ?? limits.ResponseTimeout;

    /// <summary>
    /// Whether the client may have a backend's connection to itself: not where its own carries the requests of many, as those of
    /// HTTP/2 and of proxies do.
    /// </summary>
    public static bool MayOwn(IExchange exchange, PoolSnapshot pool) =>
        !exchange.IsMultiplexed && pool.Settings.Protocol == BackendProtocol.Http1 && (!exchange.Forwarded.IsTrusted || pool.Settings.AuthenticatesProxies);

    /// <inheritdoc cref="TrafficDirector.AssignAsync(PoolSnapshot, PoolAffinity?, in PresentedTickets, BackendSnapshot?, IFirstRequest?, CancellationToken)"/>
    [SkipLocalsInit]
    public ValueTask<Assignment> AssignAsync(IExchange exchange, PoolSnapshot pool, BackendSnapshot? held, CancellationToken cancellation)
    {
        PoolAffinity? affinity = pool.Affinity;
        var tickets = new PresentedTickets(stackalloc byte[PresentedTickets.BufferBytes]);
        if (affinity is not null)
        {
            exchange.FindTickets(affinity, ref tickets);
        }

        return Measured.Traces.AssignedAsync(exchange, director.AssignAsync(pool, affinity, tickets, held, exchange, cancellation));
    }

    /// <inheritdoc cref="TrafficDirector.AfterQueueAsync"/>
    public ValueTask<Assignment> AfterQueueAsync(IExchange exchange, CancellationToken cancellation) =>
        Measured.Traces.AssignedAsync(exchange, director.AfterQueueAsync(exchange.Assignment, cancellation));

    /// <summary>Whether a kept connection may be used that its backend may have closed: the request can be sent again then.</summary>
    public static bool IsRepeatable(IExchange exchange) =>
        exchange.IsRepeatable
        && exchange.Attempts.HasLeft(FailureReason.BackendStale)
        && RetryPolicy.Allows(FailureReason.BackendStale, exchange.Head.Method, isBodyGone: false);

    /// <summary>Whether the request goes to another backend instead of getting the answer that has begun with this status.</summary>
    public static bool TryElsewhere(IExchange exchange, int status)
    {
        bool mayRepeat = RetryPolicy.Allows(FailureReason.BackendStatus, exchange.Head.Method, exchange.IsBodyGone);
        if (!Retries.TryTakeForStatus(exchange.Assignment, exchange.Attempts, status, mayRepeat))
        {
            return false;
        }

        // Last, because a body that is claimed is sent no further. Its sender may have been quicker.
        if (exchange.TryClaimBody())
        {
            return true;
        }

        Retries.GiveBack(exchange.Assignment);
        return false;
    }

    /// <inheritdoc cref="TrafficDirector.LearnAsync"/>
    public ValueTask LearnAsync(IExchange exchange, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields) =>
        exchange.Assignment.Pool.Affinity?.LearnedCookie is null ? default : director.LearnAsync(ref exchange.Assignment, source, fields);

    /// <summary>The client has its answer, or as much of it as it takes.</summary>
    public void Answered(IExchange exchange)
    {
        NoteStatus(exchange);
        Attempted(exchange, RequestOutcome.Answered);
    }

    /// <summary>The client left in the midst of an attempt.</summary>
    public void Left(IExchange exchange)
    {
        if (exchange.HasAnswerHead)
        {
            NoteStatus(exchange);
        }

        Attempted(exchange, RequestOutcome.ClientGone);
    }

    /// <summary>An attempt has failed: tells whom that concerns, and says whether there is another one.</summary>
    /// <param name="cause">What the network said, where it did.</param>
    /// <param name="fault">What is wrong with the backend's answer, more exactly.</param>
    public bool Failed(IExchange exchange, FailureReason failure, Exception? cause, MessageFault fault)
    {
        Measured.Traces.AttemptEnded(exchange, failure);
        FailureAnswer meaning = FailureAnswer.Of(failure);
        if (exchange.HasAnswerHead)
        {
            Report(exchange, meaning.OutcomeAfterHead, failure, cause, fault);
            return false;
        }

        bool again = failure == FailureReason.BackendStatus
            || (!exchange.IsAnswerBegun
                && RetryPolicy.Allows(failure, exchange.Head.Method, exchange.IsBodyGone)
                && Retries.TryTake(exchange.Assignment, exchange.Attempts, failure));
        if (again && failure == FailureReason.BackendStale)
        {
            // A fresh connection tells whether it lives.
            exchange.Attempts.Take(failure);
        }
        else if (meaning.Outcome is { } outcome)
        {
            Report(exchange, outcome, failure, cause, fault);
        }
        else if (!again && !meaning.BlamesClient)
        {
            failures.Tell(exchange.Assignment.Pool.Name, exchange.Assignment.Backend!, failure, cause, fault);
        }

        return again;
    }

    /// <summary>Where the request goes that is tried again elsewhere than on another connection to the same backend.</summary>
    /// <inheritdoc cref="TrafficDirector.ReassignAsync"/>
    public ValueTask<Assignment> ReassignAsync(IExchange exchange, FailureReason failure, CancellationToken cancellation) =>
        Measured.Traces.AssignedAsync(exchange, director.ReassignAsync(
            exchange.Assignment, failure == FailureReason.BackendRefused ? RequestOutcome.ConnectFailed : FailureAnswer.Of(failure).Outcome, cancellation));

    /// <summary>It goes there now, after a failure at another backend or the same.</summary>
    /// <param name="failed">Where it failed before; none: nowhere.</param>
    public static void Assign(IExchange exchange, in Assignment assignment, BackendKey failed, FailureReason failure)
    {
        // The director bounds how long a session's own backend is tried again; the attempts are for others.
        if (failed != BackendKey.None && assignment.Backend!.Key != failed)
        {
            exchange.Attempts.Take(failure);
        }

        exchange.Assignment = assignment;
    }

    /// <summary>The answer in place of a backend's.</summary>
    public OwnAnswer Answer(IExchange exchange, FailureReason failure, MessageFault fault)
    {
        ref readonly RequestHead head = ref exchange.Head;
        PoolSnapshot? pool = exchange.Assignment.Pool;
        if (failure == FailureReason.NoBackend && pool is not null)
        {
            failures.TellUnserved(pool, exchange.RequestId);
        }

        FailureAnswer meaning = FailureAnswer.Of(failure);
        return new OwnAnswer(meaning, fault)
        {
            // Of a request that was not read whole, the rest would be taken for the next one.
            Closes = !head.Has(RequestTraits.KeepAlive) || exchange.IsLeaving || !exchange.IsRequestDone,
            SaysKeepAlive = head.Version == MessageVersion.Http10,
            HasNoBody = head.Method == RequestMethod.Head,
            RetryAfterSeconds = meaning.RetryAfterSeconds(pool?.Settings),
            Route = exchange.Route.Answer,
            ListenerFields = exchange.ListenerFields,
        };
    }

    /// <summary>Whether the client's connection ends with a backend's answer that is framed like this.</summary>
    /// <param name="backendReads">The backend keeps its connection, and so takes the rest of the request.</param>
    /// <param name="isBodySeen">Some of the request's body has come.</param>
    public static bool Closes(IExchange exchange, BodyFraming framing, bool backendReads, bool isBodySeen)
    {
        ref readonly RequestHead head = ref exchange.Head;

        // Where the client still waits to be asked for its body, nobody can tell whether it will send it.
        return framing is BodyFraming.UntilClose or BodyFraming.Tunnel
            || !head.Has(RequestTraits.KeepAlive)
            || exchange.IsLeaving
            || (!exchange.IsRequestDone && (!backendReads || (head.Has(RequestTraits.ExpectsContinue) && !isBodySeen)));
    }

    /// <summary>Writes the lines that bring the ticket that a backend's answer owes its client; returns their length, which may be 0.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    public int WriteTicket(IExchange exchange, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Span<byte> target) =>
        exchange.Assignment.OwesTicket ? director.WriteTicket(exchange.Assignment, exchange.IsSecure, source, fields, target) : 0;

    /// <summary>The same of our own answer: a session that moved tells its client so even now; a new one is not bound to a backend that failed it.</summary>
    public int WriteTicket(IExchange exchange, Span<byte> target) =>
        exchange.Assignment is { IsBound: true, NeedsTicket: true } assignment ? director.WriteTicket(assignment, exchange.IsSecure, target) : 0;

    private Opening Admit(IExchange exchange, in ChosenRoute route)
    {
        RouteFilters filters = route.Filters!;
        FilteredRequest request = Filtered(exchange);
        FilterVerdict verdict = filters.Admit(request);
        exchange.Route.Answer = verdict.Answer;
        return verdict.Failure != FailureReason.None ? new(verdict.Failure)
            : filters.Authentication is { } authentication ? Ask(exchange, route, authentication.LookAsync(request))
            : Answer(exchange, route);
    }

    private Opening Ask(IExchange exchange, in ChosenRoute route, ValueTask<FilterVerdict> asked)
    {
        var opening = new Opening(FailureReason.None) { Route = route };
        return asked.IsCompletedSuccessfully ? GoOn(exchange, opening, asked.Result) : opening with { Asked = asked.AsTask() };
    }

    private Opening Answer(IExchange exchange, in ChosenRoute route)
    {
        FilterVerdict verdict = route.Filters!.Answer(Filtered(exchange));

        // Any success of an extended CONNECT opens a tunnel (RFC 8441, 5), and an answer of a route is none.
        if (verdict.Answer is { Status: >= 200 and < 300 } && exchange.IsMultiplexed && exchange.Head.Has(RequestTraits.AsksUpgrade))
        {
            verdict = new(FailureReason.UpgradeUnserved);
        }

        exchange.Route.Answer = verdict.Answer;
        return verdict.Failure != FailureReason.None ? new(verdict.Failure) : Enter(exchange, route);
    }

    private FilteredRequest Filtered(IExchange exchange) =>
        new(exchange.Source, in exchange.Head, exchange.Fields, exchange.ClientAddress, exchange.IsSecure, in exchange.Trace, plane.Time.GetElapsedTime(0));

    private Opening Enter(IExchange exchange, in ChosenRoute route)
    {
        exchange.Route.IsSplit = route.Split is not null;
        PoolSnapshot pool = route.Split is null ? route.Pool! : SplitSides.Choose(exchange, route, director);
        if (!exchange.TryAllow(pool.Settings.Upgrades))
        {
            return new(FailureReason.MethodUnsupported);
        }

        if (exchange.AuthenticatesConnection && !MayOwn(exchange, pool))
        {
            return new(FailureReason.ConnectionAuthRefused);
        }

        if (pool.Settings.Protocol == BackendProtocol.Http2 && !CallMetadata.IsWellFormed(exchange.Source, exchange.Fields))
        {
            return new(FailureReason.BadMetadata);
        }

        exchange.Attempts = new Attempts(pool.Settings.RetryAttempts);
        exchange.StatusClient = pool.Settings.Health.Passive.Statuses.IsEmpty ? default : ClientKey.Of(exchange.ClientAddress);
        return new(FailureReason.None, pool);
    }

    private void Report(IExchange exchange, RequestOutcome outcome, FailureReason failure, Exception? cause, MessageFault fault)
    {
        if (outcome is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            exchange.Assignment.Backend!.Traffic.Failed((int)failure);
            Note(exchange, FailureAnswer.Of(failure).Name);
            failures.Tell(exchange.Assignment.Pool.Name, exchange.Assignment.Backend, failure, cause, fault);
        }
        else if (exchange.HasAnswerHead)
        {
            // What a backend answered stays what it answered when its client leaves.
            NoteStatus(exchange);
        }

        Attempted(exchange, outcome);
    }

    private void NoteStatus(IExchange exchange)
    {
        if (exchange.BackendStatus >= 500)
        {
            exchange.Assignment.Backend!.Traffic.AnsweredBadly();
            Note(exchange, "");
        }
    }

    private void Note(IExchange exchange, string reason)
    {
        FailureNotes notes = exchange.Assignment.Backend!.Traffic.FailureNotes;
        if (notes.TryTake(plane.Time, exchange.Timestamp))
        {
            notes.Add(new FailureNote(plane.Clock.UtcNow, Encoding.ASCII.GetString(exchange.RequestId), reason, exchange.BackendStatus));
        }
    }

    private void Attempted(IExchange exchange, RequestOutcome outcome)
    {
        Measured.Traces.AttemptEnded(exchange, outcome == RequestOutcome.ClientGone ? FailureReason.ClientGone : FailureReason.None);
        ref Assignment assignment = ref exchange.Assignment;
        passive.Report(assignment.Backend!, assignment.Pool.Settings, outcome, exchange.BackendStatus, exchange.StatusClient);
    }
}
