using System.Collections.Immutable;

namespace ActorLb.Node.Top;

/// <summary>What is shown below the first lines.</summary>
internal enum TopView
{
    Wrong,
    Nodes,
    Traffic,
    Backends,
    Sessions,
    Events,
    Help,

    /// <summary>One backend, which the table of all leads to.</summary>
    Backend,
}

/// <summary>A view, the word for it, and the two keys that lead to it.</summary>
internal sealed record TopTab(TopView View, string Word, char Digit, char Letter)
{
    /// <summary>In the order of their digits; a backend's own page belongs to the table of all.</summary>
    public static readonly ImmutableArray<TopTab> All =
    [
        new(TopView.Wrong, "wrong", '0', 'w'),
        new(TopView.Nodes, "nodes", '1', 'n'),
        new(TopView.Traffic, "traffic", '2', 't'),
        new(TopView.Backends, "backends", '3', 'b'),
        new(TopView.Sessions, "sessions", '4', 's'),
        new(TopView.Events, "events", '5', 'e'),
        new(TopView.Help, "help", '?', 'h'),
    ];

    public static TopTab Of(TopView view) => All[(int)view];
}
