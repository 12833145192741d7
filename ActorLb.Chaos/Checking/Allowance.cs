using ActorLb.Chaos.History;

namespace ActorLb.Chaos.Checking;

/// <summary>Why something may be lost to a client: a rule with a name, as docs/chaos.md lists it. What no rule covers is a violation.</summary>
/// <param name="Covers">Whether one fault accounts for one loss.</param>
public sealed record Allowance<T>(string Name, Func<T, FaultSpan, SessionWalks, bool> Covers);
