using ActorLb.Node.Admin;
using ActorLb.Node.Top;
using Xunit;

namespace ActorLb.Tests.Top;

public sealed class TopFrameTests
{
    private static readonly TopState Backends = new(TopView.Backends);

    [Fact]
    public void The_first_line_says_that_all_is_well() =>
        Assert.Equal("WELL: nothing is wrong", Pictures.Lines(Pictures.Of(Pictures.Backend("web-1")), Backends, 80, 24)[0]);

    [Fact]
    public void The_first_lines_say_what_is_wrong_since_when_why_and_what_was_done()
    {
        LivePicture picture = Pictures.Of(Pictures.Down("web-1")) with { Troubles = [Pictures.IsDown("web-1"), Pictures.IsDown("web-2"), Pictures.IsDown("x") with { Severity = Trouble.Warning }] };
        string[] lines = Pictures.Lines(picture, Backends, 80, 24);
        Assert.Equal("WRONG: web/web-1 is down, for 3m12s, since 08:06:49Z (and 1 more, 1 to look at).", lines[0]);
        Assert.Equal("lb1 and lb2: connection refused. New sessions go to the 2 that are left; 12", lines[1]);
        Assert.Equal("sessions move as their clients come.", lines[2]);
    }

    [Fact]
    public void What_is_meant_so_is_no_alarm()
    {
        Trouble drains = new("drain:web/a", Trouble.Info, Pictures.Now, "web/a drains", "", "");
        Assert.Equal("WELL: nothing is wrong; 1 thing is meant so: web/a drains", Pictures.Lines(Pictures.Of() with { Troubles = [drains] }, Backends, 80, 24)[0]);
    }

    [Fact]
    public void In_eighty_columns_a_backend_has_all_of_its_figures_and_its_reason_below()
    {
        LiveBackend busy = Pictures.Backend("web-3") with { Figures = new LiveFigures(12_345, 61, 0.42, 12.34, 1234.5), InFlight = 12, Tunnels = 34, Sessions = 123_456, Waiting = 7 };
        string[] lines = Pictures.Lines(Pictures.Of(Pictures.Backend("web-1"), Pictures.Down("web-2"), busy), Backends, 80, 24);
        Assert.Equal("State       Backend   Req/s  Err%   p50   p95   p99  Open  Tun  Sess Queue Why", lines[4]);
        Assert.Equal("down        web/web-2     0     -     -     -     -     0    0     0     0 ", lines[5]);
        Assert.Equal("  lb1 and lb2: connection refused", lines[6]);
        Assert.Equal("up          web/web-1    10     0     1     2     3     4    1     5     0 ", lines[7]);
        Assert.Equal("up          web/web-3  1234  0.49  0.42  12.3  1234    12   34  123k     7 ", lines[8]);
        Assert.Equal(24, lines.Length);
        Assert.Equal("all 3 backends, by State  Enter opens  / filter  < > sort  r reverse", lines[23]);
    }

    [Fact]
    public void Where_there_is_room_the_reason_is_beside_and_more_columns_are_there()
    {
        string[] lines = Pictures.Lines(Pictures.Of(Pictures.Down("web-2")), Backends, 160, 24);
        Assert.EndsWith(" Queue  Move Weight    For Why", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("5m0s lb1 and lb2: connection refused", lines[5], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(72, "State Backend Req/s Err% p50 p95 p99 Open Sess Queue")]
    [InlineData(60, "State Backend Req/s Err% p99 Open Sess Queue")]
    [InlineData(45, "State Backend Req/s Err% p99 Sess")]
    public void Where_there_is_less_room_columns_are_left_out_and_those_that_stay_are_whole(int width, string expected) =>
        Assert.Equal(expected, string.Join(' ', Pictures.Lines(Pictures.Of(Pictures.Backend("web-1")), Backends, width, 24)[4].Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData(80, 24)]
    [InlineData(79, 23)]
    [InlineData(40, 10)]
    [InlineData(20, 5)]
    [InlineData(1, 1)]
    [InlineData(300, 100)]
    public void No_view_is_larger_than_the_terminal(int width, int height)
    {
        LivePicture picture = Pictures.Of([.. Enumerable.Range(0, 200).Select(i => Pictures.Down($"a-rather-long-name-{i}.example.com:8080", new string('x', 500) + " 漢字漢字漢字漢字"))])
            with { Troubles = [.. Enumerable.Range(0, 20).Select(i => Pictures.IsDown($"web-{i}"))] };
        TopFacts facts = Pictures.Told(picture) with
        {
            BackendAsked = Pictures.Opened,
            Backend = Pictures.View(),
            Silence = "cannot follow http://10.0.0.1:8090: Connection refused; going on at http://10.0.0.2:8090",
            Events = [.. Enumerable.Range(0, 50).Select(i => new TopEvent(Pictures.Now, "lb1", "error", "backend.down", $"web/web-{i} is down: lb1, lb3 say not well (connection refused)"))],
        };
        foreach (TopView view in Enum.GetValues<TopView>())
        {
            foreach (TopFacts told in new[] { facts, TopFacts.None })
            {
                TopFrame frame = TopFrame.Of(new TopState(view) { Opened = Pictures.Opened }, told, width, height);
                Assert.True(frame.Lines.Length <= height, $"{view}: {frame.Lines.Length}");
                Assert.All(Pictures.Lines(frame), l => Assert.True(TopText.Width(l) <= width, $"{view}: {l}"));
            }
        }
    }

    [Fact]
    public void Rows_are_sorted_by_what_was_asked_for_and_what_is_not_known_comes_last_either_way()
    {
        LivePicture picture = Pictures.Of(At("a", 5), At("b", null), At("c", 50), At("d", 0.5));
        Assert.Equal(["c", "a", "d", "b"], Order(picture, new TopSort("p99", IsReversed: false)));
        Assert.Equal(["d", "a", "c", "b"], Order(picture, new TopSort("p99", IsReversed: true)));
        Assert.Equal(["d", "c", "b", "a"], Order(picture, new TopSort("Backend", IsReversed: true)));
        Assert.Equal(["a", "b", "c", "d"], Order(picture, new TopSort("no such column", IsReversed: false)));

        static LiveBackend At(string id, double? p99) => Pictures.Backend(id) with { Figures = new LiveFigures(1, 0, 1, 1, p99) };
    }

    [Fact]
    public void The_worst_backends_come_first()
    {
        LivePicture picture = Pictures.Of(
            Pictures.Backend("up"), Pictures.Backend("drains") with { Operator = "draining", TakesNewSessions = false }, Pictures.Backend("ejected") with { TakesNewSessions = false, Why = "circuit open: 5xx" }, Pictures.Down("down"));
        Assert.Equal(["down", "ejected", "drains", "up"], Order(picture, null));
    }

    [Fact]
    public void A_filter_leaves_what_has_its_text_in_a_name_a_state_or_a_reason()
    {
        LivePicture picture = Pictures.Of(Pictures.Backend("web-1"), Pictures.Down("web-2", "timed out"));
        Assert.Equal(["web-2"], Order(picture, null, "TIMED"));
        Assert.Equal(["web-2"], Order(picture, null, "down"));
        Assert.Equal(["web-1"], Order(picture, null, "-1"));
        string footer = Pictures.Lines(picture, Backends with { Filter = "-1" }, 80, 24)[^1];
        Assert.Equal("all 1 (of 2) backends, by State; filter: -1 (Esc clears)", footer);
        Assert.StartsWith("none (of 2) backends", Pictures.Lines(picture, Backends with { Filter = "nobody" }, 80, 24)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_the_last_page_is_the_last_page()
    {
        LivePicture picture = Pictures.Of([.. Enumerable.Range(0, 1000).Select(i => Pictures.Backend($"web-{i:d4}"))]);
        TopFrame end = TopFrame.Of(Backends with { Scroll = 999 }, Pictures.Told(picture), 80, 24);
        Assert.Equal((1000, 982, 18), (end.Extent.Rows, end.Extent.First, end.Extent.Page));
        Assert.Equal("983-1000 of 1000 backends, by State  Enter opens  / filter  < > sort  r reverse", Pictures.Lines(end)[^1]);
        Assert.Contains("web-0999", Pictures.Lines(end)[^2], StringComparison.Ordinal);
        Assert.Equal(0, TopFrame.Of(Backends with { Scroll = 5 }, Pictures.Told(Pictures.Of(Pictures.Backend("a"))), 80, 24).Extent.First);
    }

    [Fact]
    public void Without_an_end_of_lines_each_row_is_one_and_all_are_there()
    {
        LivePicture picture = Pictures.Of([.. Enumerable.Range(0, 1000).Select(i => Pictures.Down($"web-{i:d4}"))]);
        string[] lines = Pictures.Lines(picture, Backends, int.MaxValue, int.MaxValue);
        Assert.Equal(1 + 2 + 1 + 1000, lines.Length);
        Assert.EndsWith("lb1 and lb2: connection refused", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_not_heard_any_more_is_told_before_all_else()
    {
        TopFacts facts = Pictures.Told(Pictures.Of()) with { Silence = "cannot follow http://a/: Connection refused; going on at http://b/", SilentFor = TimeSpan.FromSeconds(4) };
        string[] lines = Pictures.Lines(TopFrame.Of(Backends, facts, 120, 24));
        Assert.Equal("SILENT for 4s: cannot follow http://a/: Connection refused; going on at http://b/", lines[0]);
        Assert.Equal($"At {TopText.Moment(Pictures.Now, Pictures.Now)} nothing was wrong", lines[1]);
        Assert.DoesNotContain(lines, l => l.StartsWith("WELL", StringComparison.Ordinal));

        LivePicture wrong = Pictures.Of() with { Troubles = [Pictures.IsDown("web-1")] };
        lines = Pictures.Lines(TopFrame.Of(Backends, facts with { Picture = wrong }, 120, 24));
        Assert.StartsWith($"At {TopText.Moment(Pictures.Now, Pictures.Now)} it said WRONG: web/web-1 is down, for ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Each_view_shows_its_own()
    {
        LivePicture picture = Pictures.Of(Pictures.Backend("web-1")) with
        {
            Troubles = [Pictures.IsDown("web-9")],
            Nodes = [Pictures.Node("lb1") with { Unheard = ["lb2"], Differs = true }, Pictures.Node("lb2") with { IsReachable = false, Figures = null, StartedAt = null }],
        };
        TopFacts facts = Pictures.Told(picture) with
        {
            Events = [new TopEvent(Pictures.Now.AddDays(-1), "lb1", "warning", "circuit.open", "the circuit to web/web-1 is open")],
            Sessions = new SessionsDocument("lb1", Pictures.Now, [new SessionsDocument.Pool("web", 9, [new SessionsDocument.Backend("web-1", "http://a", 9, 2, new SessionsDocument.Events(3, 1, new SessionsDocument.Moves(4, 0, 1, 0, 0, 0), 6, 7))])], [], []),
        };
        Assert.Contains("WRONG  3m12s 08:06:49Z web/web-9 is down lb1 and lb2: connection refused. New sessions go to the 2 that are left; 12 sessions move as their clients come.", Of(TopView.Wrong), StringComparison.Ordinal);
        Assert.Contains("does not hear lb2; goes by another configuration", Of(TopView.Nodes), StringComparison.Ordinal);
        Assert.Contains("not heard lb2", Of(TopView.Nodes), StringComparison.Ordinal);
        Assert.Contains("pool     web    123  0.49   1.2   3.5    12 1 of 1 up round-robin", Of(TopView.Traffic), StringComparison.Ordinal);
        Assert.Contains("listener http", Of(TopView.Traffic), StringComparison.Ordinal);
        Assert.Contains("web/web-1     9       2     3       1     5       6     7 down 4, drained 1", Of(TopView.Sessions), StringComparison.Ordinal);
        Assert.Contains("2027-01-14 08:10:01Z lb1  warning  circuit.open the circuit to web/web-1 is open", Of(TopView.Events), StringComparison.Ordinal);
        Assert.Contains("q       quits, as Ctrl+C does", Of(TopView.Help), StringComparison.Ordinal);

        string Of(TopView view) => string.Join('\n', Pictures.Lines(TopFrame.Of(new TopState(view), facts, 200, 40)));
    }

    private static string[] Order(LivePicture picture, TopSort? sort, string filter = "")
    {
        TopState state = Backends with { Filter = filter };
        TopFrame frame = TopFrame.Of(sort is null ? state : state with { Sorts = state.Sorts.Add(TopView.Backends, sort) }, Pictures.Told(picture), 200, 40);
        return [.. frame.Lines.Skip(5).Take(frame.Extent.Page).Select(l => l[2].Text.Trim()["web/".Length..])];
    }
}
