namespace ActorLb.Node.Topologies;

/// <summary>One key that says another thing than before, as an operator writes it. Secrets are not in it.</summary>
/// <param name="Key">Below actorlb, such as <c>pools.web.backends."10.0.0.1:80".weight</c>.</param>
/// <param name="Old">Null: it was not there.</param>
/// <param name="New">Null: it is gone.</param>
public sealed record SettingDifference(string Key, string? Old, string? New)
{
    public override string ToString() => $"{Key}: {Old ?? "(none)"} -> {New ?? "(none)"}";
}
