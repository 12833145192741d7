using System.Collections.Immutable;

namespace ActorLb.Node.States;

/// <summary>The names under which a node keeps its small states.</summary>
internal static class StateNames
{
    public const string TicketKeys = "ticket-keys";
    public const string OperatorDecisions = "operator-decisions";
    public const string BackendRegisters = "backend-registers";
    public const string Revisions = "revisions";
    public const string PreparedRevision = "prepared-revision";

    public static readonly ImmutableArray<string> All = [TicketKeys, OperatorDecisions, BackendRegisters, Revisions, PreparedRevision];
}
