using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Lab;

/// <summary>What the nodes' status documents say together; null is a node that does not answer.</summary>
internal static class LabStatus
{
    /// <summary>True where every node has all nodes in its cluster, up and reachable.</summary>
    public static bool IsOneCluster(StatusDocument?[] status) => status.All(s =>
        s is not null && s.Members.Count == status.Length && s.Members.All(m => m.Status == "up" && m.Reachable));

    /// <summary>Whom each node sees, in words.</summary>
    public static string Describe(IEnumerable<LabNode> nodes, StatusDocument?[] status) =>
        string.Join("; ", nodes.Zip(status, (n, s) => s is null ? $"{n.Name} does not answer" : $"{n.Name} sees {Describe(s)}"));

    private static string Describe(StatusDocument status) =>
        string.Join(' ', status.Members.Select(m => $"{m.Name}:{m.Status}{(m.Reachable ? "" : "(unreachable)")}"));
}
