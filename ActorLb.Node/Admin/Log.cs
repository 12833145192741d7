using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>What is logged of the admin API. The number of an entry stays what it is (docs/logs.md), and no other one gets it.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Operator: {Backend} is to be {State} (decision {Version}, by a majority: {ByMajority})")]
    public static partial void StateDecided(ILogger logger, BackendName backend, OperatorState state, long version, bool byMajority);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "Operator: {Backend} drains, and no other backend of its pool takes new sessions: it cannot finish before one does")]
    public static partial void DrainCannotEnd(ILogger logger, BackendName backend);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "Operator: {Backend} could not be set to {State}")]
    public static partial void StateNotSet(ILogger logger, Exception exception, BackendName backend, OperatorState state);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Information, Message = "Audit: {Who} from {From}: {What}: {Outcome} (request {Request})")]
    public static partial void AuditChange(ILogger logger, string who, string from, string what, string outcome, string request);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Warning, Message = "Audit: {Address}{Who} was refused {What}: {Problem} ({Count} times)")]
    public static partial void AuditRefusal(ILogger logger, string address, string who, string what, string problem, long count);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Information, Message = "Operator: decided to {Change} (by a majority: {ByMajority})")]
    public static partial void BackendsDecided(ILogger logger, BackendChange change, bool byMajority);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "Operator: a decision about backends could not be taken")]
    public static partial void BackendsNotDecided(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Information, Message = "Operator: tickets are to be signed with key {Key} ({Outcome})")]
    public static partial void KeyRotated(ILogger logger, string key, RotationOutcome outcome);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Error, Message = "Operator: the ticket keys could not be asked for or rotated")]
    public static partial void KeyNotRotated(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Operator: session {Session} of pool {Pool} is {Outcome} (by a majority: {ByMajority})")]
    public static partial void SessionDecided(ILogger logger, string session, string pool, string outcome, bool byMajority);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Error, Message = "Operator: a decision about a session could not be taken")]
    public static partial void SessionNotDecided(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Information, Message = "A topology was given to the cluster by {Who}: {What}")]
    public static partial void TopologyGiven(ILogger logger, string who, string what);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Error, Message = "A topology could not be given to the cluster, or shown")]
    public static partial void TopologyNotGiven(ILogger logger, Exception exception);
}
