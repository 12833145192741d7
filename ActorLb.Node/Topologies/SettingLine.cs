namespace ActorLb.Node.Topologies;

/// <summary>One key of the configuration as an operator writes it, below actorlb, with what it says.</summary>
/// <param name="Text">Its value as HOCON; a secret's place holder.</param>
internal sealed record SettingLine(string Key, string Text)
{
    /// <summary>Compared, and never told: the secret that <see cref="Text"/> stands for.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Nodes of one cluster should have <see cref="Secret"/> in common: those that do not are told apart by a digest of it.</summary>
    public bool IsSharedSecret { get; init; }

    /// <summary>Nodes of one cluster may well differ in it: where it listens, where its files are, what the machine is.</summary>
    public bool IsOfTheNode { get; init; }

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Key} = {Text}";
}
