using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>Something with which a node does not start: where, at which key, what is wrong, what would be right.</summary>
/// <param name="Key">Dotted, with list indices; empty where a file as a whole is wrong.</param>
internal sealed record ConfigurationMistake(HoconOrigin Origin, string Key, string Problem, string Expected)
{
    /// <summary>One line: file:line:column: key: problem; expected.</summary>
    public override string ToString() => ConfigurationFindings.Line(Origin, Key, Problem, "expected " + Expected);
}

/// <summary>Something that a node starts with, and that is probably not meant.</summary>
internal sealed record ConfigurationWarning(HoconOrigin Origin, string Key, string Problem, string Advice)
{
    /// <summary>One line: file:line:column: key: problem; advice.</summary>
    public override string ToString() => ConfigurationFindings.Line(Origin, Key, Problem, Advice);
}
