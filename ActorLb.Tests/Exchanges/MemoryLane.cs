using System.Text;
using ActorLb.Engine;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Health;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Tests.Exchanges;

/// <summary>
/// Leads requests through the steps of their life (<see cref="RequestLife"/>) in the order of the real lanes, without a socket: what
/// backends do is written down. Requests come one after the other; others may have places beside them (<see cref="BackendGate"/>).
/// </summary>
internal sealed class MemoryLane
{
    private const int AnswerBytesMax = 64 * 1024;
    private const int TicketBytesMax = 4096;

    private readonly RouteFinder _routes;
    private readonly DateText _date;

    public MemoryLane(NodeSettings settings, TimeProvider time, ILogger? logger = null)
    {
        Plane = new DataPlane(settings, time);
        Director = new TrafficDirector(Plane);
        Life = new RequestLife(Plane, Director, new PassiveHealth(Plane), new FailureLog(logger ?? NullLogger.Instance, time));
        _routes = new RouteFinder(Director);
        _date = new DateText(time);
    }

    public DataPlane Plane { get; }

    public TrafficDirector Director { get; }

    public RequestLife Life { get; }

    /// <summary>One of the first listener.</summary>
    public MemoryClient Client => new(Plane.Topology.Listeners[0]);

    /// <summary>There is memory for a request.</summary>
    public bool HasRoom { get; set; } = true;

    /// <summary>Happens while a request waits in the queue of that backend; one that has no place then has waited too long.</summary>
    public Action<BackendTraffic>? WhileQueued { get; set; }

    /// <summary>The client leaves its queue instead.</summary>
    public bool LeavesQueue { get; set; }

    public MemoryExchange Read(string text, MemoryClient? client = null) => new(text, client ?? Client, _routes);

    /// <summary>The backends do this, one attempt after the other, and answer whatever comes then.</summary>
    public Task<MemoryAnswer> SendAsync(string text, params BackendTurn[] turns) => SendAsync(text, Client, turns);

    /// <inheritdoc cref="SendAsync(string, BackendTurn[])"/>
    public Task<MemoryAnswer> SendAsync(string text, MemoryClient client, params BackendTurn[] turns)
    {
        var left = new Queue<BackendTurn>(turns);
        return SendAsync(text, client, _ => left.TryDequeue(out BackendTurn? turn) ? turn : BackendTurn.Answers());
    }

    /// <param name="turn">What the backend of this id does in an attempt.</param>
    public async Task<MemoryAnswer> SendAsync(string text, MemoryClient client, Func<string, BackendTurn> turn)
    {
        MemoryExchange exchange = Read(text, client);
        var answer = new MemoryAnswer(exchange);
        FailureReason failure = exchange.Refused != FailureReason.None ? exchange.Refused : await ServeAsync(exchange, client, turn, answer);
        if (failure == FailureReason.ClientGone)
        {
            answer.Ended(MemoryEnd.Left, failure);
        }
        else if (failure != FailureReason.None && exchange.HasAnswerHead)
        {
            answer.Ended(MemoryEnd.CutOff, failure);
        }
        else if (failure != FailureReason.None)
        {
            WriteOwn(exchange, failure, answer);
        }
        else
        {
            answer.Ended(MemoryEnd.Answered, failure);
        }

        return answer;
    }

    public BackendTraffic Traffic(string id, string pool = "web") => Plane.Traffic[new BackendName(pool, id)];

    /// <summary>Publishes what is known of a pool's backends now.</summary>
    public void Publish(Func<string, (BackendHealth Health, OperatorState State)> condition, string pool = "web") => Plane.Publish(RoutingSnapshots.Pool(
        Plane.Topology.Pools[pool],
        id => new BackendCondition(condition(id).Health, DateTimeOffset.UnixEpoch, condition(id).State, null, false, 1),
        id => Traffic(id, pool),
        Plane.Cursors[pool]));

    private async Task<FailureReason> ServeAsync(MemoryExchange exchange, MemoryClient client, Func<string, BackendTurn> turn, MemoryAnswer answer)
    {
        Opening opening = Life.Open(exchange, HasRoom, Plane.Topology.Limits.BodyBytesMax, _routes);
        if (opening.Asked is not null)
        {
            opening = Life.GoOn(exchange, opening, await opening.Asked);
        }

        if (opening.Refused != FailureReason.None)
        {
            return opening.Refused;
        }

        Assignment assigned = await Life.AssignAsync(exchange, opening.Pool!, client.OwnedAt, CancellationToken.None);
        exchange.Assignment = assigned;
        return assigned.Backend is null ? FailureReason.NoBackend : await TryAllAsync(exchange, turn, answer);
    }

    private async Task<FailureReason> TryAllAsync(MemoryExchange exchange, Func<string, BackendTurn> turn, MemoryAnswer answer)
    {
        BackendKey failed = BackendKey.None;
        while (true)
        {
            FailureReason failure = await EnterAsync(exchange, failed);
            if (failure != FailureReason.None)
            {
                return failure;
            }

            BackendSnapshot backend = exchange.Assignment.Backend!;
            bool again;
            try
            {
                do
                {
                    (failure, again) = await AttemptAsync(exchange, backend, turn(backend.Id), answer);
                }
                while (again && exchange.Attempts.TakeStay(failure));
            }
            finally
            {
                backend.Traffic.Gate.Leave();
            }

            if (!again)
            {
                return failure;
            }

            Assignment next = await Life.ReassignAsync(exchange, failure, CancellationToken.None);
            if (next.Backend is null)
            {
                return failure;
            }

            failed = backend.Key;
            RequestLife.Assign(exchange, next, failed, failure);
        }
    }

    private async Task<FailureReason> EnterAsync(MemoryExchange exchange, BackendKey failed)
    {
        while (!Admission.TryEnter(ref exchange.Assignment, failed))
        {
            var waiter = new Waiter();
            if (!TryQueue(exchange, failed, waiter))
            {
                return FailureReason.QueueFull;
            }

            BackendSnapshot backend = exchange.Assignment.Backend!;
            WhileQueued?.Invoke(backend.Traffic);
            if (backend.Traffic.Gate.Abandon(waiter))
            {
                return GaveUp(backend);
            }

            Assignment now = await Life.AfterQueueAsync(exchange, CancellationToken.None);
            exchange.Assignment = now;
            if (ReferenceEquals(now.Backend, backend))
            {
                return FailureReason.None;
            }

            backend.Traffic.Gate.Leave();
            if (now.Backend is null)
            {
                return FailureReason.NoBackend;
            }
        }

        return FailureReason.None;
    }

    private static bool TryQueue(MemoryExchange exchange, BackendKey failed, Waiter waiter)
    {
        Assignment queued = exchange.Assignment;
        if (!Admission.TryQueue(ref queued, failed, waiter))
        {
            return false;
        }

        exchange.Assignment = queued;
        return true;
    }

    private FailureReason GaveUp(BackendSnapshot backend)
    {
        if (LeavesQueue)
        {
            return FailureReason.ClientGone;
        }

        backend.Traffic.QueueTookTooLong();
        return FailureReason.QueueTimeout;
    }

    private async Task<(FailureReason Failure, bool Again)> AttemptAsync(MemoryExchange exchange, BackendSnapshot backend, BackendTurn turn, MemoryAnswer answer)
    {
        backend.Traffic.Began();
        answer.Asked.Add(backend.Id);
        answer.RepeatedWithoutBody += exchange.IsBodyGone ? 1 : 0;
        exchange.Again();
        if (turn.IsSent)
        {
            answer.Reached.Add(backend.Id);
        }

        if (turn.IsConnected && turn.TakesBody)
        {
            exchange.TakeBody(turn.IsBodyWhole);
        }

        if (turn.ClientLeaves)
        {
            Life.Left(exchange);
            return (FailureReason.ClientGone, false);
        }

        exchange.IsAnswerBegun = turn.Begins || turn.Head.Length > 0;
        FailureReason failure = turn.Head.Length > 0 ? await TakeHeadAsync(exchange, turn, answer) : turn.Failure;
        if (failure != FailureReason.None)
        {
            return (failure, Life.Failed(exchange, failure, null, failure == FailureReason.BackendBadResponse ? exchange.Fault : MessageFault.None));
        }

        Life.Answered(exchange);
        return (FailureReason.None, false);
    }

    private async Task<FailureReason> TakeHeadAsync(MemoryExchange exchange, BackendTurn turn, MemoryAnswer answer)
    {
        byte[] source = Encoding.Latin1.GetBytes(turn.Head);
        var fields = new HeaderField[MemoryExchange.Limits.FieldCountMax];
        ParseResult result = ResponseParser.Parse(source, exchange.Head.Method, exchange.AsksUpgrade, MemoryExchange.Limits, fields, out ResponseHead head);
        if (!result.IsComplete)
        {
            exchange.Fault = result.Fault;
            return result.Status == ParseStatus.Rejected ? FailureReason.BackendBadResponse : FailureReason.BackendReset;
        }

        fields = fields[..head.Fields.Count];
        if (ConnectionAuthentication.IsOffered(source, fields, head.Fields) && !RequestLife.MayOwn(exchange, exchange.Assignment.Pool))
        {
            return FailureReason.ConnectionAuthOffered;
        }

        exchange.BackendStatus = head.Status;
        exchange.LosesBody = turn.LosesBody;
        if (RequestLife.TryElsewhere(exchange, head.Status))
        {
            return FailureReason.BackendStatus;
        }

        await Life.LearnAsync(exchange, source, fields);
        exchange.HasAnswerHead = true;
        WriteAnswer(exchange, source, head, fields, answer);
        return turn.Failure;
    }

    private void WriteAnswer(MemoryExchange exchange, byte[] source, in ResponseHead head, HeaderField[] fields, MemoryAnswer answer)
    {
        MessageVersion version = exchange.Head.Version == MessageVersion.Http10 ? MessageVersion.Http10 : MessageVersion.Http11;
        BodyFraming framing = AnswerLines.FramingOf(head, version);
        answer.Status = head.Status;
        answer.Closes = RequestLife.Closes(exchange, framing, head.KeepAlive, exchange.IsBodySeen);
        var target = new HeadBuffer(new byte[AnswerBytesMax]);
        AnswerLines.WriteFields(ref target, source, head, fields, _date, exchange.RequestId);
        target.Advance(Life.WriteTicket(exchange, source, fields, target.Rest));
        AnswerLines.WriteFraming(ref target, source, head, fields, framing, answer.Closes, version);
        answer.Text = Encoding.Latin1.GetString(target.Written);
    }

    private void WriteOwn(MemoryExchange exchange, FailureReason failure, MemoryAnswer answer)
    {
        OwnAnswer own = Life.Answer(exchange, failure, exchange.Fault);
        var ticket = new byte[TicketBytesMax];
        int length = Life.WriteTicket(exchange, ticket);
        var target = new HeadBuffer(new byte[AnswerBytesMax]);
        own.Write(ref target, exchange.RequestId, _date.Now, ticket.AsSpan(0, length));
        answer.Status = own.Status;
        answer.Closes = own.Closes;
        answer.Text = Encoding.Latin1.GetString(target.Written);
        answer.Ended(MemoryEnd.Refused, failure);
    }

    private sealed class Waiter : GateWaiter
    {
        public override void OnAdmitted()
        {
            // Who asks finds it by its gate: it cannot be abandoned any more.
        }
    }
}
