using System.Collections.Immutable;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Remembers nodes that died: who leaves by itself says so, and ends before the others have taken it out; who was not heard any more and is no
/// member now died. Pure.
/// </summary>
internal sealed record LostNodes
{
    /// <summary>One that did not come back is told so long.</summary>
    public static readonly TimeSpan ToldFor = TimeSpan.FromMinutes(30);

    public static readonly LostNodes None = new();

    private ImmutableDictionary<string, DateTimeOffset> Silent { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>These are the members from now on.</summary>
    public LostNodes After(ImmutableArray<NodeMember> members, DateTimeOffset now) => this with
    {
        Silent = Silent
            .RemoveRange(Silent.Where(s => now - s.Value > ToldFor).Select(s => s.Key))
            .RemoveRange(members.Where(m => m.Reachable).Select(m => m.Name))
            .AddRange(members.Where(m => m is { Reachable: false, Status: not "exiting" } && !Silent.ContainsKey(m.Name)).Select(m => m.Name).Distinct().Select(n => KeyValuePair.Create(n, now))),
    };

    /// <summary>The longest gone first.</summary>
    public ImmutableArray<LostNode> Among(ImmutableArray<NodeMember> members, DateTimeOffset now) =>
    [
        .. Silent
            .Where(s => now - s.Value <= ToldFor && !members.Any(m => m.Name == s.Key))
            .Select(s => new LostNode(s.Key, s.Value))
            .OrderBy(l => l.Since).ThenBy(l => l.Name, StringComparer.Ordinal),
    ];
}
