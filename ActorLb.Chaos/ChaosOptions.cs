using System.Globalization;
using ActorLb.Chaos.History;

namespace ActorLb.Chaos;

/// <summary>What the operator of a run asked for.</summary>
/// <param name="Once">Every kind once, however long that takes; otherwise until the duration is over.</param>
/// <param name="Changes">Nothing but changes that operators ask for, until there were so many; null: whatever <paramref name="Kinds"/> says.</param>
/// <param name="Quiet">Between two faults.</param>
/// <param name="ThinkSeconds">Mean time between two requests of a tab.</param>
/// <param name="Folder">Where history, report and logs go.</param>
internal sealed record ChaosOptions(
    string Target,
    bool Once,
    int? Changes,
    TimeSpan Duration,
    TimeSpan Quiet,
    int Seed,
    int Nodes,
    int Backends,
    int Browsers,
    int Tabs,
    double ThinkSeconds,
    IReadOnlyList<FaultKind> Kinds,
    string Folder)
{
    /// <summary>People whose sessions the application's own cookie is take part, too.</summary>
    public bool Learns { get; init; }

    /// <summary>The same as words of the command line.</summary>
    public string[] ToArguments() =>
    [
        "--target", Target,
        .. Changes is { } changes ? ["--changes", $"{changes}"] : Once ? ["--once"] : (string[])["--minutes", Text(Duration.TotalMinutes)],
        "--quiet", Text(Quiet.TotalSeconds),
        "--seed", $"{Seed}",
        "--nodes", $"{Nodes}",
        "--backends", $"{Backends}",
        "--browsers", $"{Browsers}",
        "--tabs", $"{Tabs}",
        "--think", Text(ThinkSeconds),
        .. Kinds.Count == FaultKinds.All.Count ? [] : (string[])["--only", .. Kinds.Select(k => k.Word())],
        .. Learns ? ["--learn"] : Array.Empty<string>(),
        "--out", Folder,
    ];

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
