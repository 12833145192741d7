using ActorLb.Node.Admin;
using ActorLb.Node.Top;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Top;

/// <summary>A backend's own page.</summary>
public sealed class TopBackendTests
{
    private static readonly TopState Page = new(TopView.Backend) { Opened = Pictures.Opened };

    private static readonly LivePicture Picture = Pictures.Of(
        Pictures.Backend("web-1"),
        Pictures.Down("web-2") with { Since = Pictures.Now - TimeSpan.FromSeconds(192), Operator = "draining", Waiting = 3, Figures = new LiveFigures(640, 67, 1.5, 2.5, 3.5) });

    [Fact]
    public void It_says_how_it_is_who_says_so_and_why_and_what_failed_there()
    {
        string[] lines = Lines(Told(Picture), 80, 40);
        Assert.Equal(
            [
                "web/web-2 is down, drain, for 3m12s, since 08:06:49Z",
                "Drain    116 sessions, 9 requests, 3 tunnels left, for 1m0s; what is left moves",
                "         in 1m30s; no other backend takes new sessions: it cannot finish before",
                "         one does; lb3 cannot be reached: what is open there is not known",
                "Address  http://127.0.0.1:9002, weight 2, weighed by an operator",
                "Operator draining, 1m30s left; it takes no new sessions",
                "Open     12 requests in flight, of them 3 tunnels",
                "Sessions 0 sessions, and 291 that move as they come",
                "Figures  64 req/s  10.5 err%  p50 1.5 p95 2.5 p99 3.5 ms",
                "Queue    3 requests wait; at lb1 the first for 4s, 7 found it full, 8 waited too",
                "         long",
                "Circuit  at lb1 open for 5s: connects failed",
                "Counted  at lb1 since its start: 1234 requests, 5 failures (2 of them answered",
                "         5xx); not answered as asked: backend-timeout 4",
                "Observer Says At        Why",
                "lb1      down 08:06:49Z connection refused",
                "lb2      up   08:09:58Z 200",
                "Node Req/s  Err%   p50   p95   p99 Queue Held Circuit",
                "lb1      0   100     -     -     -     2    1",
                "  open for 5s: connects failed, ejected",
                "lb2     64    10   1.5   2.5   3.5     0    0 closed",
                "Failed at Node Why             Request id",
                "08:10:00Z lb1  backend-timeout 0HNI4:00000002",
                "08:09:59Z lb2  answered 503    0HNI4:00000001",
            ],
            lines[4..28].Select(l => l.TrimEnd()));
        Assert.Equal("all 24 lines of web/web-2  Esc leads back", lines[^1]);
        Assert.Contains("[3 backends]", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void In_twenty_four_lines_the_rest_is_a_page_further()
    {
        TopFrame first = TopFrame.Of(Page, Told(Picture), 80, 24);
        Assert.Equal((24, 0, 19), (first.Extent.Rows, first.Extent.First, first.Extent.Page));
        TopFrame last = TopFrame.Of(Page with { Scroll = 18 }, Told(Picture), 80, 24);
        Assert.Equal(5, last.Extent.First);
        Assert.StartsWith("08:09:59Z lb2  answered 503    0HNI4:00000001", Pictures.Lines(last)[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_drain_that_is_over_says_that_the_server_can_be_stopped()
    {
        BackendViewDocument told = Pictures.View();
        TopFacts facts = Told(Picture) with { Backend = told with { Drain = told.Drain! with { CanBeStopped = true, Unreachable = [] } } };
        Assert.Contains("Drain    nothing is left: its server can be stopped", Lines(facts, 80, 40));
        facts = facts with { Backend = told with { Drain = told.Drain! with { Deadline = null, NobodyElse = false, Unreachable = [], Moving = new MovingDocument(200, Pictures.Now, Pictures.Now) } } };
        Assert.Contains("Drain    116 sessions, 9 requests, 3 tunnels left, for 1m0s; it has no deadline; sessions move, 200 a second", Lines(facts, 160, 40));
    }

    [Fact]
    public void Troubles_of_its_own_are_told_unless_the_first_lines_say_them_already()
    {
        Trouble down = Pictures.IsDown("web-2") with { Pool = "web", Backend = "web-2" };
        Trouble other = new("failing", Trouble.Warning, null, "web/web-2 fails", "Ten of a hundred.", "Its circuit is open.") { Pool = "web", Backend = "web-2" };
        string page = string.Join('\n', Lines(Told(Picture with { Troubles = [down, other, Pictures.IsDown("web-1") with { Pool = "web", Backend = "web-1" }] }), 160, 40));
        Assert.Contains("LOOK: web/web-2 fails. Ten of a hundred. Its circuit is open.", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("WRONG: web/web-2 is down").Length);
        Assert.DoesNotContain("web/web-1 is down", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_it_is_told_and_where_it_is_not_the_page_says_so()
    {
        TopFacts asked = Pictures.Told(Picture).Asking(Pictures.Opened);
        Assert.Equal("asking for it", Lines(asked, 80, 24)[5]);
        Assert.Equal("asking for it", Lines(Told(Picture).Asking(new BackendName("web", "web-1")), 80, 24)[5]);
        string[] gone = Lines(asked with { Picture = Pictures.Of(), BackendProblem = "Pool \"web\" has no backend \"web-2\"." }, 80, 24);
        Assert.Equal(["web/web-2 is no backend now", "Pool \"web\" has no backend \"web-2\"."], gone[4..6]);
        string[] silent = Lines(Told(Picture) with { BackendProblem = "cannot reach http://10.0.0.1:8090/" }, 80, 40);
        Assert.Equal("cannot reach http://10.0.0.1:8090/", silent[5]);
        Assert.StartsWith("Drain    116 sessions", silent[6], StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_of_the_table_leaves_out_nothing_of_the_page()
    {
        string[] lines = Pictures.Lines(TopFrame.Of(Page with { Filter = "web-1" }, Told(Picture), 80, 40));
        Assert.Equal("all 24 lines of web/web-2  Esc leads back", lines[^1]);
    }

    [Fact]
    public void The_row_that_is_marked_stays_in_sight_wherever_it_stands()
    {
        LivePicture many = Pictures.Of([.. Enumerable.Range(0, 100).Select(i => Pictures.Down($"web-{i:d2}", new string('x', 100)))]);
        foreach ((int row, int scroll, int expected) in new[] { (0, 50, 0), (50, 50, 50), (60, 50, 56), (99, 0, 95), (4, 0, 0), (5, 0, 1) })
        {
            TopFrame frame = TopFrame.Of(new TopState(TopView.Backends) { Marked = new BackendName("web", $"web-{row:d2}"), Scroll = scroll }, Pictures.Told(many), 80, 21);
            Assert.Equal((expected, row), (frame.Extent.First, frame.Extent.Marked));
            Assert.Equal($"web/web-{row:d2}", frame.Lines.SelectMany(l => l).Single(s => s.Tone == TopTone.Chosen && s.Text.StartsWith("web/", StringComparison.Ordinal)).Text);
        }

        Assert.Equal(7, TopFrame.Of(new TopState(TopView.Backends) { Marked = new BackendName("web", "gone"), Scroll = 7 }, Pictures.Told(many), 80, 21).Extent.Marked);
        Assert.Empty(TopFrame.Of(new TopState(TopView.Backends), Pictures.Told(many), 80, int.MaxValue).Extent.Choices);
        Assert.Empty(TopFrame.Of(new TopState(TopView.Backends), Pictures.Told(Pictures.Of()), 80, 21).Extent.Choices);
    }

    private static TopFacts Told(LivePicture picture) => Pictures.Told(picture) with { BackendAsked = Pictures.Opened, Backend = Pictures.View() };

    private static string[] Lines(TopFacts facts, int width, int height) => Pictures.Lines(TopFrame.Of(Page, facts, width, height));
}
