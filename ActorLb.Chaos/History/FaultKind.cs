using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>What can be done to a balancer's cluster and to its backends.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>kill -9 of a node, and its start some seconds later.</summary>
    KillNode,

    /// <summary>kill -9 of all nodes at once, and their start at once.</summary>
    KillAllNodes,

    /// <summary>SIGSTOP of a node (docker pause), and SIGCONT.</summary>
    PauseNode,

    /// <summary>One node after the other stops in good order and starts again.</summary>
    RollingRestart,

    /// <summary>All nodes and backends stop in good order and start again.</summary>
    StopAll,

    /// <summary>Two more nodes, then back to as many as before less one, then as before.</summary>
    ScaleNodes,

    /// <summary>A node is cut off from everything, clients and backends included.</summary>
    Disconnect,

    /// <summary>Two nodes do not hear each other.</summary>
    CutPair,

    /// <summary>The nodes fall into two or more sides that do not hear each other.</summary>
    CutSides,

    /// <summary>As CutSides, but the links come and go every second or two.</summary>
    FlapSides,

    /// <summary>One node's packets to another are lost, not those the other way.</summary>
    CutOneWay,

    /// <summary>Some of the packets between all nodes are lost.</summary>
    LosePackets,

    /// <summary>One node does not reach one backend; all others do.</summary>
    CutBackend,

    /// <summary>Packets of all nodes to one backend are lost, as to a host that has vanished: nobody refuses, nobody answers.</summary>
    LoseBackend,

    /// <summary>kill -9 of a backend, and its start some seconds later.</summary>
    KillBackend,

    /// <summary>SIGSTOP of a backend, and SIGCONT: the kernel accepts, nobody answers.</summary>
    PauseBackend,

    /// <summary>A backend accepts and never answers.</summary>
    SilentBackend,

    /// <summary>A backend takes its time, and is well.</summary>
    SlowBackend,

    /// <summary>A backend resets every connection.</summary>
    ResettingBackend,

    /// <summary>A backend says that it is sick, and answers.</summary>
    SickBackend,

    /// <summary>More backends, then as many as before.</summary>
    ScaleBackends,

    /// <summary>A node's data directory is full.</summary>
    FullDisk,

    /// <summary>A node's clock is set forward or back.</summary>
    ClockJump,

    /// <summary>The files of all nodes change, again and again, and are read again: weights, timeouts, a backend that comes and goes.</summary>
    Reload,

    /// <summary>As Reload, with files that must be refused: nothing may change by them.</summary>
    BadReload,

    /// <summary>A backend is removed by the admin API, drains, and is added again.</summary>
    AddRemove,

    /// <summary>All backends get other weights by the admin API, eight times, and those that are written at the end.</summary>
    Weights,

    /// <summary>The cluster is given one revision after the other, and during some a node is killed with -9; then the files have their say again.</summary>
    Apply,

    /// <summary>As Apply, with revisions that must be refused: nothing may change by them.</summary>
    BadApply,

    /// <summary>A backend drains, and its sessions are moved at a rate; when none is left it is ready again.</summary>
    DrainMove,
}

/// <summary>What follows from a kind.</summary>
public static class FaultKinds
{
    public static IReadOnlyList<FaultKind> All { get; } = Enum.GetValues<FaultKind>();

    /// <summary>Nodes stop hearing each other, or are taken for dead: sides may decide differently until they meet again.</summary>
    public static bool Splits(this FaultKind kind) => kind is
        FaultKind.CutPair or FaultKind.CutSides or FaultKind.FlapSides or FaultKind.CutOneWay or FaultKind.LosePackets
        or FaultKind.Disconnect or FaultKind.PauseNode;

    /// <summary>It is nothing but a change that an operator asks for: no client may notice, but those whose backend leaves.</summary>
    public static bool IsChange(this FaultKind kind) => kind is
        FaultKind.Reload or FaultKind.BadReload or FaultKind.AddRemove or FaultKind.Weights or FaultKind.Apply or FaultKind.BadApply or FaultKind.DrainMove;

    /// <summary>
    /// All sessions of its backends move, also those that ask for nothing meanwhile: by the nodes' decision, or as the addresses of
    /// containers that start again change places.
    /// </summary>
    public static bool MovesTheSilent(this FaultKind kind) => kind is FaultKind.AddRemove or FaultKind.DrainMove or FaultKind.ScaleBackends or FaultKind.StopAll;

    /// <summary>The changes of it must be refused.</summary>
    public static bool IsRefused(this FaultKind kind) => kind is FaultKind.BadReload or FaultKind.BadApply;

    /// <summary>Requests to its backends get no answer, or no whole one, until they are marked down.</summary>
    public static bool LeavesRequestsHanging(this FaultKind kind) => kind is
        FaultKind.PauseBackend or FaultKind.SilentBackend or FaultKind.ResettingBackend or FaultKind.CutBackend or FaultKind.LoseBackend;

    /// <summary>What is open to its backends hears nothing more, and nobody says so.</summary>
    public static bool Hangs(this FaultKind kind) => kind is FaultKind.PauseBackend or FaultKind.CutBackend or FaultKind.LoseBackend;

    /// <summary>Its name on the command line: kill-node.</summary>
    public static string Word(this FaultKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
