using System.Text;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Cli;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Admin;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary><c>actorlb sessions</c>.</summary>
public sealed class SessionsCommandTests
{
    private static readonly SessionId Id = new(0x3f0c_0000_0000_0001, 2);
    private static readonly BackendKey A = BackendKey.Of("a");
    private static readonly BackendKey B = BackendKey.Of("b");

    [Fact]
    public async Task It_shows_what_became_of_sessions_at_each_backend()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Plane.Tables["web"].Note(new Binding(Id, A, 1, node.Plane.Clock.Now));
        node.Sessions.Rates = new SessionRates(
            [
                new SessionRatesAtNode("node-1", TimeSpan.FromSeconds(60), [new SessionsOfBackend(new BackendName("web", "a"), [4, 2, 0, 0, 3, 0, 0, 1, 0, 7])]),
                new SessionRatesAtNode("node-2", TimeSpan.FromSeconds(12), []),
            ],
            ["node-3"]);
        var run = new CommandRun();

        Assert.Equal(ExitCode.Good, await run.RunAsync("sessions", "web", "-o", "wide", "--admin", node.Url.ToString()));

        Assert.Equal(
            """
            pool web, 1 session
            Backend  Sessions  New  Adopted  Moved  Expired  Ended  Moved because          Address
            a               1    4        2      4        0      7  drained 3, operator 1  http://127.0.0.1:9001
            b               0    0        0      0        0      0                         http://127.0.0.1:9002

            new to ended: in the last minute, over node-1, node-2 (counts: node-2 for 12 s)

            """.ReplaceLineEndings(),
            run.Out);
        Assert.Equal($"actorlb: node-3 did not say what became of sessions there: it is not in the counts of the last minute{Environment.NewLine}", run.Error);
    }

    [Theory]
    [InlineData("3f0c0000000000010000000000000002")]
    [InlineData("ALB=TICKET")]
    [InlineData("TICKET")]
    [InlineData("-")]
    public async Task A_session_is_shown_by_its_id_or_by_what_its_client_has_also_from_the_standard_input(string named)
    {
        // Bindings know seconds alone: on a clock that goes, the next one may have begun.
        await using AdminFixture node = await AdminFixture.StartAsync(time: new FakeTimeProvider(FakeDesk.Now));
        string ticket = Ticket(node);
        node.Sessions.Found = find => Found(new Binding(find.Id, A, 2, node.Plane.Clock.Now));
        var run = new CommandRun { Input = new MemoryStream(Encoding.UTF8.GetBytes($" ALB={ticket}\r\n")) };

        Assert.Equal(ExitCode.Good, await run.RunAsync("sessions", "show", named.Replace("TICKET", ticket, StringComparison.Ordinal), "--admin", node.Url.ToString()));

        Assert.StartsWith($"session {Id} of web lives at a (http://127.0.0.1:9001), version 2; last used 0s ago; so at all nodes", run.Out, StringComparison.Ordinal);
        Assert.Contains("node-1  same", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(ticket, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ended_and_the_exit_code_says_whether_all_nodes_go_by_it()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Sessions.Found = find => Found(new Binding(find.Id, A, 1, 1));
        var run = new CommandRun();
        Assert.Equal(ExitCode.Good, await run.RunAsync("sessions", "end", Id.ToString(), "--admin", node.Url.ToString()));
        Assert.Equal($"session {Id} of web is ended; it lived at a{Environment.NewLine}", run.Out);

        node.Sessions.Decided = before => new SessionDecided(SessionOutcome.Ended, before, Binding.Ended(before.Id, 1), ByMajority: false) { NotInForce = ["node-2"] };
        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("sessions", "end", Id.ToString(), "--admin", node.Url.ToString()));
        Assert.Contains("node-2 did not say that it goes by it", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_moved_to_where_it_is_told_to_or_away_from_where_it_was_when_it_was_asked()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Sessions.Found = find => Found(new Binding(find.Id, A, 1, node.Plane.Clock.Now));
        node.Sessions.Decided = before => new SessionDecided(SessionOutcome.Moved, before, before.MovedTo(B, 1), ByMajority: true);
        node.Publish(_ => new ActorLb.Engine.Routing.BackendCondition(BackendHealth.Up, default, OperatorState.Ready, null, false, 1));
        foreach (string to in new[] { "b", "web/b" })
        {
            var told = new CommandRun();
            Assert.Equal(ExitCode.Good, await told.RunAsync("sessions", "move", Id.ToString(), "--to", to, "--admin", node.Url.ToString()));
            Assert.Equal($"session {Id} of web lives at b now, no longer at a{Environment.NewLine}", told.Out);
            Assert.Equal((BackendKey.None, B), node.Sessions.Taken.OfType<MoveSessionTo>().Last() is var m ? (m.From, m.To) : default);
        }

        Assert.Equal(ExitCode.Good, await new CommandRun().RunAsync("sessions", "move", Id.ToString(), "--admin", node.Url.ToString()));
        Assert.Equal((A, BackendKey.None), node.Sessions.Taken.OfType<MoveSessionTo>().Last() is var last ? (last.From, last.To) : default);
    }

    [Fact]
    public async Task What_is_no_session_of_ours_is_said_in_one_line_without_the_cookie()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        string ticket = Ticket(node);
        string forged = ticket[..^1] + (ticket[^1] == 'A' ? 'B' : 'A');
        foreach (string named in new[] { forged, "garbage", "a\nb", Id.ToString() })
        {
            var run = new CommandRun();
            Assert.Equal(ExitCode.Failed, await run.RunAsync("sessions", "end", named, "--admin", node.Url.ToString()));
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.DoesNotContain(forged, run.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(node.Sessions.Taken, t => t is EndSession);
    }

    private static SessionSought Found(Binding known) => new([new SessionAtNode("node-1", known.Id, [new KnownSession("web", known, IsReplicated: true)])], [], []);

    private static string Ticket(AdminFixture node)
    {
        node.Plane.Keys = TicketKeyRing.Of([TestPools.Key]);
        Span<char> text = stackalloc char[TicketCodec.TicketChars];
        node.Plane.Routing.Pools["web"].Affinity!.Codec.Seal(new Binding(Id, A, 1, node.Plane.Clock.Now), text);
        return text.ToString();
    }
}
