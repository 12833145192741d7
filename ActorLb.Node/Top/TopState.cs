using System.Collections.Immutable;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>By what a view is sorted.</summary>
/// <param name="Column">Its title.</param>
internal sealed record TopSort(string Column, bool IsReversed);

/// <summary>What the last frame showed of a view.</summary>
/// <param name="Rows">All that the filter leaves.</param>
/// <param name="First">The first one in sight.</param>
/// <param name="Page">How many are in sight.</param>
/// <param name="Columns">The titles of those in sight.</param>
internal sealed record TopExtent(int Rows, int First, int Page, ImmutableArray<string> Columns, TopSort Sort)
{
    public static readonly TopExtent Nothing = new(0, 0, 0, [], new TopSort("", IsReversed: false));

    /// <summary>Of a view whose rows can be opened: which backend each of them is.</summary>
    public ImmutableArray<BackendName> Choices { get; init; } = [];

    /// <summary>The row that is marked, where rows can be opened.</summary>
    public int Marked { get; init; }
}

/// <summary>What whoever looks has asked for, key by key. Pure.</summary>
internal sealed record TopState(TopView View)
{
    /// <summary>A filter is a few words.</summary>
    private const int FilterLengthMax = 60;

    public ImmutableDictionary<TopView, TopSort> Sorts { get; init; } = ImmutableDictionary<TopView, TopSort>.Empty;

    /// <summary>The row in sight that comes first; beyond the last page: the last page.</summary>
    public int Scroll { get; init; }

    /// <summary>All views show rows alone that have it, whatever its case.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Whose row is marked, wherever it stands; null: the first one in sight.</summary>
    public BackendName? Marked { get; init; }

    /// <summary>Whose page it is.</summary>
    public BackendName? Opened { get; init; }

    /// <summary>Keys are letters of the filter.</summary>
    public bool IsTyping { get; init; }

    /// <summary>The picture stays as it is.</summary>
    public bool IsHeld { get; init; }

    public bool IsOver { get; init; }

    /// <summary>Where help came from.</summary>
    private TopView Before { get; init; } = View;

    public TopState Press(ConsoleKeyInfo key, TopExtent seen) => key switch
    {
        { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control } => this with { IsOver = true },
        _ when IsTyping => Type(key),
        _ => Command(key, seen),
    };

    private TopState Type(ConsoleKeyInfo key) => key switch
    {
        { Key: ConsoleKey.Enter } => this with { IsTyping = false },
        { Key: ConsoleKey.Escape } => With("") with { IsTyping = false },
        { Key: ConsoleKey.Backspace } when Filter.Length == 0 => this with { IsTyping = false },
        { Key: ConsoleKey.Backspace } => With(Filter[..^(Filter.Length > 1 && char.IsLowSurrogate(Filter[^1]) ? 2 : 1)]),
        { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control } => With(""),
        { KeyChar: var letter } when !char.IsControl(letter) && Filter.Length < FilterLengthMax => With(Filter + letter),
        _ => this,
    };

    private TopState Command(ConsoleKeyInfo key, TopExtent seen) => key switch
    {
        { Key: ConsoleKey.Escape } when View == TopView.Help => Go(Before),
        { Key: ConsoleKey.Escape } when View == TopView.Backend => Go(TopView.Backends),
        { Key: ConsoleKey.Escape } => With(""),
        { Key: ConsoleKey.Enter } => Open(seen),
        { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' } => Step(seen, -1),
        { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' } => Step(seen, 1),
        { Key: ConsoleKey.PageUp } => Step(seen, -Math.Max(1, seen.Page - 1)),
        { Key: ConsoleKey.PageDown } => Step(seen, Math.Max(1, seen.Page - 1)),
        { Key: ConsoleKey.Home } or { KeyChar: 'g' } => To(seen, 0) with { Marked = null },
        { Key: ConsoleKey.End } or { KeyChar: 'G' } => Step(seen, seen.Rows),
        { Key: ConsoleKey.RightArrow } or { KeyChar: '>' } => SortBy(seen, 1),
        { Key: ConsoleKey.LeftArrow } or { KeyChar: '<' } => SortBy(seen, -1),
        { KeyChar: 'q' } => this with { IsOver = true },
        { KeyChar: 'r' } => Sorted(seen.Sort with { IsReversed = !seen.Sort.IsReversed }),
        { KeyChar: '/' } when View is not (TopView.Help or TopView.Backend) => this with { IsTyping = true },
        { KeyChar: ' ' } => this with { IsHeld = !IsHeld },
        { KeyChar: var letter } when TopTab.All.FirstOrDefault(t => t.Digit == letter || t.Letter == letter) is { } tab =>
            tab.View == TopView.Help && View == TopView.Help ? Go(Before) : Go(tab.View),
        _ => this,
    };

    private TopState Go(TopView view) => view == View ? this : this with { View = view, Scroll = 0, Before = View == TopView.Help ? Before : View };

    private TopState With(string filter) => this with { Filter = filter, Scroll = 0, Marked = null };

    private TopState Open(TopExtent seen) => seen.Choices.Length == 0 ? this : Go(TopView.Backend) with { Opened = seen.Choices[seen.Marked], Marked = seen.Choices[seen.Marked] };

    // The mark, where there is one, and what is in sight goes with it; else what is in sight.
    private TopState Step(TopExtent seen, int rows) => seen.Choices.Length == 0 ? To(seen, seen.First + rows)
        : this with { Scroll = seen.First, Marked = seen.Choices[Math.Clamp(seen.Marked + rows, 0, seen.Choices.Length - 1)] };

    private TopState To(TopExtent seen, int row) => this with { Scroll = Math.Clamp(row, 0, Math.Max(0, seen.Rows - 1)) };

    private TopState SortBy(TopExtent seen, int step)
    {
        int count = seen.Columns.Length;
        return count == 0 ? this : Sorted(new TopSort(seen.Columns[(Math.Max(0, seen.Columns.IndexOf(seen.Sort.Column)) + step + count) % count], IsReversed: false));
    }

    private TopState Sorted(TopSort sort) => sort.Column.Length == 0 ? this : this with { Sorts = Sorts.SetItem(View, sort), Scroll = 0, Marked = null };
}
