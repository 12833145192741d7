using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cli;

/// <summary>What came of reading a configuration. Each mistake and warning is one line: file: key: problem.</summary>
/// <param name="Settings">Null where there are mistakes.</param>
internal sealed record ConfigurationReading(
    NodeSettings? Settings, ImmutableArray<string> Mistakes, ImmutableArray<string> Warnings);
