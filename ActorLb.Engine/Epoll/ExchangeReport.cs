using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;

namespace ActorLb.Engine.Epoll;

/// <summary>What is told of an exchange: to passive health, to the log of failures, to the access log.</summary>
internal sealed class ExchangeReport(Exchange exchange)
{
    private AccessEntry? _access;
    private bool _isLogged;
    private ClientKey _client;

    private LaneParts Lane => exchange.Lane;

    public void Begin(HeldHead head)
    {
        _isLogged = Lane.Plane.AccessLog is not null;
        if (_isLogged)
        {
            _access ??= new AccessEntry(Lane.Plane.Time);
            _access.Begin(head.Source, head.Head, head.Fields(), head.RequestId);
        }
    }

    /// <summary>Takes down whose request it is, where statuses are counted by client. Before the head is given up.</summary>
    public void Identify(PoolSnapshot pool, HeldHead head)
    {
        if (!pool.Settings.Health.Passive.Statuses.IsEmpty)
        {
            _client = head.ClientKey;
        }
    }

    /// <summary>Bytes of the answer's body are on their way to the client.</summary>
    public void CountSent(int bytes)
    {
        if (_isLogged)
        {
            _access!.BytesSent += bytes;
        }
    }

    /// <summary>How an attempt at the assigned backend ended.</summary>
    /// <param name="status">The backend's, where it answered.</param>
    public void Attempted(RequestOutcome outcome, int status = 0) =>
        Lane.Passive.Report(exchange.Assignment.Backend!, exchange.Assignment.Pool.Settings, outcome, status, _client);

    /// <summary>The same of one that failed.</summary>
    public void Failed(RequestOutcome outcome, FailureReason failure, int status, Exception? cause, MessageFault fault)
    {
        if (outcome is not (RequestOutcome.Answered or RequestOutcome.ClientGone))
        {
            exchange.Assignment.Backend!.Traffic.Failed();
            Lane.Failures.Tell(exchange.Assignment.Pool.Name, exchange.Assignment.Backend, failure, cause, fault);
        }

        Attempted(outcome, status);
    }

    /// <summary>An answer of the assigned backend is not passed on, which says nothing about its health.</summary>
    public void Refused(FailureReason failure) =>
        Lane.Failures.Tell(exchange.Assignment.Pool.Name, exchange.Assignment.Backend!, failure, null, MessageFault.None);

    /// <summary>The request is over.</summary>
    /// <param name="status">That the client got.</param>
    /// <param name="failure">None where a backend answered.</param>
    public void Ended(int status, FailureReason failure)
    {
        if (_isLogged && Lane.Plane.AccessLog is { } log)
        {
            _access!.Write(log, exchange, status, failure);
        }
    }
}
