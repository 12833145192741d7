using ActorLb.Node.Top;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Top;

public sealed class TopStateTests
{
    private static readonly TopExtent Seen = new(100, 10, 20, ["State", "Backend", "Req/s"], new TopSort("State", IsReversed: false));

    private readonly TopState _state = new(TopView.Backends);

    [Theory]
    [InlineData('0', TopView.Wrong)]
    [InlineData('w', TopView.Wrong)]
    [InlineData('1', TopView.Nodes)]
    [InlineData('n', TopView.Nodes)]
    [InlineData('2', TopView.Traffic)]
    [InlineData('t', TopView.Traffic)]
    [InlineData('3', TopView.Backends)]
    [InlineData('b', TopView.Backends)]
    [InlineData('4', TopView.Sessions)]
    [InlineData('s', TopView.Sessions)]
    [InlineData('5', TopView.Events)]
    [InlineData('e', TopView.Events)]
    [InlineData('?', TopView.Help)]
    [InlineData('h', TopView.Help)]
    internal void Each_view_has_two_keys(char key, TopView view) => Assert.Equal(view, Press(_state, key).View);

    [Fact]
    public void Help_goes_back_to_where_it_came_from()
    {
        TopState nodes = Press(_state, 'n');
        Assert.Equal(TopView.Nodes, Press(Press(nodes, '?'), '?').View);
        Assert.Equal(TopView.Nodes, Press(Press(nodes, '?'), ConsoleKey.Escape).View);
    }

    [Fact]
    public void It_is_over_with_q_and_with_control_c_also_while_a_filter_is_typed()
    {
        Assert.True(Press(_state, 'q').IsOver);
        TopState typing = Press(_state, '/');
        Assert.False(Press(typing, 'q').IsOver);
        Assert.True(typing.Press(new ConsoleKeyInfo('\u0003', ConsoleKey.C, shift: false, alt: false, control: true), Seen).IsOver);
    }

    [Fact]
    public void A_filter_is_typed_kept_and_cleared()
    {
        TopState typing = "web-1".Aggregate(Press(_state, '/'), Press);
        Assert.Equal(("web-1", true, TopView.Backends), (typing.Filter, typing.IsTyping, typing.View));
        Assert.Equal("web-", Press(typing, ConsoleKey.Backspace).Filter);
        TopState kept = Press(typing, ConsoleKey.Enter);
        Assert.Equal(("web-1", false), (kept.Filter, kept.IsTyping));
        Assert.Equal("web-1", Press(kept, 'n').Filter);
        Assert.Equal("", Press(kept, ConsoleKey.Escape).Filter);
        Assert.Equal(("", false), (Press(typing, ConsoleKey.Escape).Filter, Press(typing, ConsoleKey.Escape).IsTyping));
        Assert.False(Press(Press(_state, '/'), ConsoleKey.Backspace).IsTyping);
    }

    [Fact]
    public void A_filter_is_a_few_words_and_takes_no_control_characters()
    {
        Assert.Equal(60, new string('x', 61).Aggregate(Press(_state, '/'), Press).Filter.Length);
        Assert.Equal("", Press(Press(_state, '/'), '\u001b').Filter);
        Assert.Equal("", Press("\ud83d\ude00".Aggregate(Press(_state, '/'), Press), ConsoleKey.Backspace).Filter);
    }

    [Fact]
    public void Rows_scroll_one_by_one_by_pages_and_to_both_ends()
    {
        Assert.Equal(11, Press(_state, ConsoleKey.DownArrow).Scroll);
        Assert.Equal(9, Press(_state, ConsoleKey.UpArrow).Scroll);
        Assert.Equal(29, Press(_state, ConsoleKey.PageDown).Scroll);
        Assert.Equal(0, Press(_state, ConsoleKey.PageUp).Scroll);
        Assert.Equal(99, Press(_state, ConsoleKey.End).Scroll);
        Assert.Equal(0, Press(_state, ConsoleKey.Home).Scroll);
        Assert.Equal(0, _state.Press(Key(ConsoleKey.DownArrow), TopExtent.Nothing).Scroll);
    }

    [Fact]
    public void Where_rows_can_be_opened_a_mark_goes_from_row_to_row_and_is_held_at_both_ends()
    {
        TopExtent seen = Choices(marked: 12);
        Assert.Equal((Name(13), 10), Marked(ConsoleKey.DownArrow, seen));
        Assert.Equal((Name(11), 10), Marked(ConsoleKey.UpArrow, seen));
        Assert.Equal((Name(31), 10), Marked(ConsoleKey.PageDown, seen));
        Assert.Equal((Name(0), 10), Marked(ConsoleKey.PageUp, seen));
        Assert.Equal((Name(99), 10), Marked(ConsoleKey.End, seen));
        Assert.Equal(((BackendName?)null, 0), Marked(ConsoleKey.Home, seen));
        Assert.Equal(Name(99), Marked(ConsoleKey.DownArrow, Choices(marked: 99)).Backend);

        (BackendName? Backend, int Scroll) Marked(ConsoleKey key, TopExtent extent) => _state.Press(Key(key), extent) is var state ? (state.Marked, state.Scroll) : default;
    }

    [Fact]
    public void Enter_opens_the_backend_that_is_marked_and_escape_leads_back_to_its_row()
    {
        TopState page = (_state with { Filter = "web" }).Press(Key(ConsoleKey.Enter), Choices(marked: 12));
        Assert.Equal((TopView.Backend, Name(12), 0), (page.View, page.Opened, page.Scroll));
        Assert.Equal(1, page.Press(Key(ConsoleKey.DownArrow), new TopExtent(30, 0, 20, [], new TopSort("", false))).Scroll);
        Assert.False(Press(page, '/').IsTyping);
        Assert.Equal(TopView.Backend, Press(Press(page, '?'), ConsoleKey.Escape).View);
        TopState back = Press(page, ConsoleKey.Escape);
        Assert.Equal((TopView.Backends, Name(12), "web"), (back.View, back.Marked, back.Filter));
        Assert.Equal(TopView.Backends, Press(page, 'b').View);
        Assert.Same(_state, Press(_state, ConsoleKey.Enter));
    }

    [Fact]
    public void Another_order_or_filter_begins_at_the_top()
    {
        TopState marked = _state with { Marked = Name(3), Scroll = 2 };
        Assert.Equal(((BackendName?)null, 0), (Press(marked, '>').Marked, Press(marked, '>').Scroll));
        Assert.Null(Press(marked, ConsoleKey.Escape).Marked);
        Assert.Null(Press(Press(marked, '/'), 'x').Marked);
    }

    [Fact]
    public void A_key_goes_round_the_columns_to_sort_by_and_another_reverses()
    {
        Assert.Equal(new TopSort("Backend", false), Press(_state, '>').Sorts[TopView.Backends]);
        Assert.Equal(new TopSort("Req/s", false), Press(_state, '<').Sorts[TopView.Backends]);
        Assert.Equal(new TopSort("State", true), Press(_state, 'r').Sorts[TopView.Backends]);
        Assert.Equal(new TopSort("Backend", false), Press(_state, ConsoleKey.RightArrow).Sorts[TopView.Backends]);
        Assert.Same(_state, _state.Press(Key(ConsoleKey.RightArrow), TopExtent.Nothing));
    }

    [Fact]
    public void Each_view_keeps_its_own_order()
    {
        TopState sorted = Press(Press(Press(_state, '>'), 'n'), 'r');
        Assert.Equal(new TopSort("Backend", false), sorted.Sorts[TopView.Backends]);
        Assert.Equal(new TopSort("State", true), sorted.Sorts[TopView.Nodes]);
    }

    [Fact]
    public void The_space_bar_holds_the_picture_and_lets_it_go()
    {
        Assert.True(Press(_state, ' ').IsHeld);
        Assert.False(Press(Press(_state, ' '), ' ').IsHeld);
    }

    [Fact]
    public void Other_keys_do_nothing() => Assert.Same(_state, Press(Press(_state, 'z'), ConsoleKey.F5));

    private static BackendName Name(int i) => new("web", $"web-{i}");

    private static TopExtent Choices(int marked) => Seen with { Choices = [.. Enumerable.Range(0, 100).Select(Name)], Marked = marked };

    private static TopState Press(TopState state, char letter) => state.Press(new ConsoleKeyInfo(letter, default, shift: false, alt: false, control: false), Seen);

    private static TopState Press(TopState state, ConsoleKey key) => state.Press(Key(key), Seen);

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: false);
}
