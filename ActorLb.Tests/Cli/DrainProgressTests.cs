using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Tests.Admin;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>What the command line says of a drain that it waits for.</summary>
public sealed class DrainProgressTests
{
    private static readonly DateTimeOffset At = FakeDesk.Now;

    private static readonly DrainsDocument.Drain Drain = new(
        "web", "a", "http://127.0.0.1:9001", "operator", "node-1", 1, At, null, Over: false, null, 0, 0, 0, NobodyElse: false, CanBeStopped: false);

    [Fact]
    public void It_shows_how_much_has_left_how_fast_it_leaves_and_how_long_that_takes()
    {
        DrainProgressState state = Seen((0, 1_000, 10), (1, 800, 8), (2, 600, 5));
        Assert.Equal(200, state.Rate);
        Assert.Equal(TimeSpan.FromSeconds(3), state.TimeLeft);
        Assert.InRange(state.Done, 0.39, 0.41);
        Assert.Equal("web/a: 600 sessions, 5 requests, 0 tunnels left; 200/s, 3s to go", DrainProgressLine.Sentence("web/a", state));
        Assert.Equal(
            "web/a [####........] 600 sessions, 5 requests, 0 tunnels left; 200/s, 3s to go", DrainProgressLine.WithBar("web/a", state, 79, inColour: false));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_ten_seconds()
    {
        DrainProgressState state = Seen([.. Enumerable.Range(0, 31).Select(i => (i, i < 20 ? 1_000 : 1_000 - (10 * (i - 20)), 0))]);
        Assert.Equal(10, state.Rate);
    }

    [Fact]
    public void When_no_session_is_left_what_is_open_leaves() => Assert.Equal(2, Seen((0, 0, 20), (5, 0, 10)).Rate);

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(60, null, 60)]
    [InlineData(null, 5, 5)]
    [InlineData(60, 5, 5)]
    [InlineData(3, 5, 3)]
    public void It_ends_with_the_last_move_or_at_the_deadline_whichever_comes_first(int? deadline, int? moves, int? expected)
    {
        DrainProgressState state = DrainProgressState.Initial.With(
            Drain with
            {
                Sessions = 10,
                Deadline = At.AddSeconds(deadline ?? 0) is var end && deadline is null ? null : end,
                Moving = moves is { } seconds ? new MovingDocument(2, At, At.AddSeconds(seconds)) : null,
            },
            At);
        Assert.Equal(expected, (int?)state.TimeLeft?.TotalSeconds);
    }

    [Fact]
    public void What_should_have_moved_by_now_takes_as_long_as_the_rest_does()
    {
        var moving = new MovingDocument(100, At, At.AddSeconds(5));
        DrainProgressState state = new[] { (0, 500), (10, 100) }.Aggregate(
            DrainProgressState.Initial, (s, seen) => s.With(Drain with { Sessions = seen.Item2, Moving = moving }, At.AddSeconds(seen.Item1)));
        Assert.Equal(TimeSpan.FromSeconds(2.5), state.TimeLeft);
    }

    [Fact]
    public void Where_nobody_takes_sessions_nobody_knows_the_end()
    {
        DrainProgressState state = DrainProgressState.Initial.With(
            Drain with { Sessions = 10, NobodyElse = true, Moving = new MovingDocument(2, At, At.AddSeconds(5)) }, At);
        Assert.Null(state.TimeLeft);
        Assert.Equal("web/a: 10 sessions, 0 requests, 0 tunnels left; nobody else takes sessions", DrainProgressLine.Sentence("web/a", state));
    }

    [Theory]
    [InlineData("node-2", "", "waits for node-2 to go by it")]
    [InlineData("", "node-3", "waits for node-3 to say what it has open there")]
    [InlineData("node-2", "node-2 node-3 node-4", "waits for node-2 to go by it, and for node-3, node-4 to say what they have open there")]
    public void Nodes_that_are_waited_for_are_named_with_what_for(string notInForce, string notCounted, string expected) => Assert.Equal(
        "web/a: 0 sessions, 0 requests, 0 tunnels left; " + expected,
        DrainProgressLine.Sentence("web/a", DrainProgressState.Initial.With(Drain with { NotInForce = Words(notInForce), NotCounted = Words(notCounted) }, At)));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void The_line_fits_whatever_is_left_and_however_narrow_the_terminal_is() =>
        Gen.Select(Gen.Int[20, 120], Gen.Int[0, 15_000_000], Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000], Gen.Int[1, 60]).Sample((width, sessions, requests, tunnels, name) =>
        {
            DrainProgressState state = DrainProgressState.Initial
                .With(Drain with { Sessions = sessions, Requests = requests, Tunnels = tunnels }, At)
                .With(Drain with { Sessions = sessions / 2, Requests = requests / 2, Tunnels = tunnels / 2 }, At.AddSeconds(2));
            string plain = DrainProgressLine.WithBar(new string('n', name), state, width, inColour: false);
            string coloured = DrainProgressLine.WithBar(new string('n', name), state, width, inColour: true);
            Assert.InRange(plain.Length, 1, width);
            Assert.DoesNotContain("\u001b", plain, StringComparison.Ordinal);
            Assert.Equal(plain.Length, TextPaint.LengthOf(coloured));
            using var shown = new StringWriter();
            new VisibleWriter(shown).Write(coloured);
            Assert.Equal(plain, shown.ToString().Replace("\u001b[32m", "", StringComparison.Ordinal).Replace("\u001b[0m", "", StringComparison.Ordinal));
        });

    private static DrainProgressState Seen(params (int Second, int Sessions, int Requests)[] seen) => seen.Aggregate(
        DrainProgressState.Initial, (state, s) => state.With(Drain with { Sessions = s.Sessions, Requests = s.Requests }, At.AddSeconds(s.Second)));
}
