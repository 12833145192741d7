using ActorLb.Node.Cli;
using ActorLb.Node.Events;
using ActorLb.Tests.Admin;
using ActorLb.Tests.Cluster;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>What the command line makes of nodes that answer as none would.</summary>
public sealed class BrokenNodeTests
{
    private const string NoApi = "does not answer like an admin API of actorlb";
    private const string Event = """{"id":"1-lb1","at":"2027-01-15T08:10:01Z","node":"lb1","kind":"k","severity":"info","text":"first","data":{}}""";

    [Theory]
    [InlineData("status", 200, "application/json", "{\"node\":\"", "x", "more than 64 MiB")]
    [InlineData("status", 200, "application/json", "", " ", "more than 64 MiB")]
    [InlineData("export", 200, "text/plain", "", "x", "more than 64 MiB")]
    [InlineData("status", 500, "application/problem+json", "{\"detail\":\"", "x", "more than 1 MiB")]
    [InlineData("events", 400, "application/problem+json", "{\"detail\":\"", "x", "more than 1 MiB")]
    [InlineData("top", 200, "text/event-stream", "data: ", "x", "more than 16 MiB")]
    [InlineData("top", 200, "text/event-stream", "id: ", "x", "more than 16 MiB")]
    public async Task What_has_no_end_is_left(string command, int status, string type, string begins, string goesOn, string expected)
    {
        await using BrokenNode node = BrokenNode.Endless(status, type, begins, goesOn);
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync(command, "--admin", node.Url));
        Assert.Equal($"actorlb: {node.Url}/ {NoApi}: {expected}\n", run.Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task What_is_as_long_as_the_bound_is_read_and_one_byte_more_is_not()
    {
        await using BrokenNode fits = BrokenNode.Saying(new string('x', AdminAnswer.BodyBytesMax));
        await using BrokenNode more = BrokenNode.Saying(new string('x', AdminAnswer.BodyBytesMax + 1));
        using var client = new AdminClient(new Uri(fits.Url), null, TimeProvider.System);
        Assert.Equal(AdminAnswer.BodyBytesMax, (await client.ExportAsync(CancellationToken.None)).Length);
        using var other = new AdminClient(new Uri(more.Url), null, TimeProvider.System);
        Assert.True((await Assert.ThrowsAsync<AdminException>(() => other.ExportAsync(CancellationToken.None))).AnotherMayAnswer);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_line_of_a_stream_has_a_bound(int over)
    {
        const int Max = 100_000;
        using var stream = new MemoryStream([.. new byte[Max + over], (byte)'\r', (byte)'\n', .. "next\n"u8]);
        var lines = new EventStreamReader(stream, Max + 1);
        if (over > 0)
        {
            await Assert.ThrowsAsync<InvalidDataException>(async () => await lines.ReadLineAsync(CancellationToken.None));
            return;
        }

        Assert.Equal(Max + over, (await lines.ReadLineAsync(CancellationToken.None))!.Value.Length);
        Assert.Equal("next"u8.ToArray(), (await lines.ReadLineAsync(CancellationToken.None))!.Value.ToArray());
        Assert.Null(await lines.ReadLineAsync(CancellationToken.None));
    }

    [Fact]
    public async Task However_many_lines_there_are_no_more_than_the_longest_are_held()
    {
        using var stream = new MemoryStream([.. Enumerable.Repeat<byte[]>([.. new byte[500], (byte)'\n'], 10_000).SelectMany(static l => l)]);
        var lines = new EventStreamReader(stream, 1000);
        int read = 0;
        while (await lines.ReadLineAsync(CancellationToken.None) is { Length: 500 })
        {
            read++;
        }

        Assert.Equal(10_000, read);
        Assert.InRange(lines.BufferBytes, 1, 16 * 1024);
    }

    [Fact]
    public async Task Whoever_waits_no_longer_is_let_go_though_it_never_pauses()
    {
        await using BrokenNode node = BrokenNode.Endless(200, "text/event-stream", "", ": x\n\n");
        using var nodes = new AdminNodes([new Uri(node.Url)], null, null);
        using var gone = new CancellationTokenSource();
        Task follows = new EventFollower(nodes, TimeProvider.System, static _ => { }).RunAsync("", static _ => { }, gone.Token);
        await Eventually.Holds(() => node.Asked > 0, "it is not asked");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follows);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("""{"node":"lb1","time":"99999-01-15T08:10:01+00:00","all":{}}""")]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01+00:00","all":{},"pools":null}""")]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01+00:00","all":{},"troubles":[null]}""")]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01+00:00","all":{},"troubles":[{}]}""")]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01+00:00","all":{},"pools":[{"name":"web","backends":[["a","up","ready",true,1,1,0,0,null,null,0,0,0,0,0,null]]}]}""")]
    public async Task One_broken_document_is_that_nodes_failure(string document)
    {
        await using BrokenNode broken = BrokenNode.Streaming($"data: {document}\n\n");
        await using AdminFixture good = await AdminFixture.StartAsync();
        var run = new CommandRun();
        Assert.Equal((ExitCode.Good, ""), (await run.RunAsync("top", "--once", "--admin", broken.Url, "--admin", good.Url.ToString()), run.Error));
        Assert.Contains("web/a", run.Out, StringComparison.Ordinal);
        run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("top", "--once", "--admin", broken.Url));
        Assert.StartsWith($"actorlb: {broken.Url}/ {NoApi}: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {\n\n")]
    [InlineData("data: null\n\n")]
    [InlineData("data: {}\n\n")]
    [InlineData("id: a\u001b[31m\n\n")]
    [InlineData("id: never-told\n\n")]
    public async Task Following_goes_on_where_a_node_says_nonsense(string nonsense)
    {
        await using BrokenNode broken = BrokenNode.Start(async (path, to, cancellation) =>
        {
            await BrokenNode.SendAsync(to, 200, "text/event-stream", path.StartsWith("/api/v1/events", StringComparison.Ordinal) ? $"data: {Event}\n\n{nonsense}" : "", cancellation);
        });
        await using AdminFixture good = await AdminFixture.StartAsync();
        good.Events.Note(new EventNote(EventKind.BackendDown, "second"));
        var run = new CommandRun();
        Task<int> following = run.RunAsync("events", "-f", "--since", "10m", "--admin", broken.Url, "--admin", good.Url.ToString());
        await Eventually.Holds(() => run.Out.Contains("second", StringComparison.Ordinal), () => $"{run.Out}{run.Error}");
        Assert.Contains("first", run.Out, StringComparison.Ordinal);
        Assert.Contains("going on at", run.Error, StringComparison.Ordinal);
        Assert.False(following.IsCompleted);
        good.LockOut();
        Assert.Equal(ExitCode.Failed, await following.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Where_nobody_else_is_it_is_asked_again()
    {
        await using BrokenNode broken = BrokenNode.Streaming($"data: {BrokenNode.Picture}\n\ndata: {{\n\n");
        using var nodes = new AdminNodes([new Uri(broken.Url)], null, null);
        using var ending = new CancellationTokenSource();
        var said = new List<string>();
        Task follows = new StreamFollower(nodes, TimeProvider.System, TimeSpan.FromSeconds(10), said.Add).RunAsync(AdminNodes.LivePath, static (_, _) => { }, ending.Token);
        await Eventually.Holds(() => broken.Asked > 1, "it is not asked again");
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follows);
        Assert.Equal($"{broken.Url}/ {NoApi}: it sent what is no JSON; nobody else can be asked; trying on", said[0]);
    }

    [Fact]
    public async Task Whoever_sends_comments_alone_is_as_silent_as_one_that_sends_nothing()
    {
        var time = new FakeTimeProvider();
        await using BrokenNode node = BrokenNode.Streaming(": x\n\n: x\n\n");
        var run = new CommandRun { Time = time };
        Task<int> printing = run.RunAsync("top", "--once", "--admin", node.Url);
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return printing.IsCompleted;
            },
            "it waits for ever");
        Assert.Equal(ExitCode.Failed, await printing);
        Assert.Contains("it says nothing for 10 s", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", "{}", "it leaves out node")]
    [InlineData("status", "null", "")]
    [InlineData("status", "[]", "")]
    [InlineData("status", """{"node":"a","version":"1","members":[null],"pools":[]}""", "it leaves out members[0]")]
    [InlineData("status", """{"node":"a","version":"1","members":[],"pools":[{"name":"web","backends":[{}]}]}""", "it leaves out pools[0].backends[0].id")]
    [InlineData("keys list", "{}", "it leaves out")]
    [InlineData("sessions", "{}", "it leaves out")]
    [InlineData("history", "{}", "it leaves out")]
    [InlineData("diff", "{}", "it leaves out node")]
    [InlineData("diff --nodes", """{"node":"a","fingerprint":"b","nodes":[{}]}""", "it leaves out nodes[0].node")]
    [InlineData("route GET http://a/", "{}", "it leaves out")]
    [InlineData("events", "[1]", "it is no list of events")]
    [InlineData("events", "{}", "")]
    [InlineData("events", """[{"at":null}]""", "it is no list of events")]
    [InlineData("reload", """{"nodes":[null]}""", "it leaves out")]
    [InlineData("drain web/a", "{}", "it leaves out pool")]
    [InlineData("ready web/a", """{"pool":3}""", "pool is something else")]
    public async Task What_leaves_out_what_a_document_has_is_none(string command, string body, string expected)
    {
        await using BrokenNode node = BrokenNode.Saying(body);
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync([.. command.Split(' '), "--admin", node.Url]));
        Assert.StartsWith($"actorlb: {node.Url}/ {NoApi}{(expected.Length == 0 ? "" : ": ")}{expected}", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("events")]
    [InlineData("events -f")]
    [InlineData("route GET http://a/")]
    [InlineData("route GET http://a/ --listener x")]
    [InlineData("events --kind backend")]
    public async Task What_a_node_refuses_is_one_line_and_wrong_usage_only_where_an_argument_may_be(string command)
    {
        await using BrokenNode node = BrokenNode.Saying(
            """{"type":"urn:actorlb:problem:bad-request","title":"t","status":400,"detail":"well\nactorlb: forged\r\u2028\u001b[31m"}""", 400, "application/problem+json");
        var run = new CommandRun();
        bool isOurs = command.Contains(" --", StringComparison.Ordinal);
        Assert.Equal(isOurs ? ExitCode.WrongUsage : ExitCode.Failed, await run.RunAsync([.. command.Split(' '), "--admin", node.Url]));
        string line = Assert.Single(run.Error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("forged", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
        Assert.DoesNotContain('\u2028', line);
    }

    [Fact]
    public async Task A_refusal_that_is_none_of_the_apis_is_no_wrong_usage()
    {
        await using BrokenNode node = BrokenNode.Saying("<html>", 400, "text/html");
        var run = new CommandRun();
        Assert.Equal(ExitCode.Failed, await run.RunAsync("events", "--kind", "backend", "--admin", node.Url));
        Assert.Equal($"actorlb: {node.Url}/ answered 400\n", run.Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Waiting_asks_once_a_second_while_every_node_says_that_it_cannot_say()
    {
        int asked = 0;
        await using BrokenNode node = BrokenNode.Start((path, to, cancellation) =>
        {
            if (path == "/api/v1/drains" && Interlocked.Increment(ref asked) == 1)
            {
                return BrokenNode.SendAsync(to, 200, "application/json", """{"node":"lb1","time":"2027-01-15T08:10:01Z","drains":[]}""", cancellation);
            }

            return path == "/api/v1/topology/diff"
                ? BrokenNode.SendAsync(to, 200, "application/json", """{"node":"lb1","time":"2027-01-15T08:10:01Z","overlays":[],"states":[],"differences":[]}""", cancellation)
                : path.EndsWith("/drain", StringComparison.Ordinal)
                ? BrokenNode.SendAsync(to, 200, "application/json", """{"pool":"web","backend":"a","operator":"draining","version":1,"node":"lb1","confirmed":true}""", cancellation)
                : BrokenNode.SendAsync(to, 503, "text/plain", "", cancellation);
        });
        var time = new FakeTimeProvider();
        var run = new CommandRun { Time = time };
        Task<int> waiting = run.RunAsync("drain", "web/a", "--wait", "--admin", node.Url);
        await Eventually.Holds(() => Volatile.Read(ref asked) > 1 || waiting.IsCompleted, "it does not ask");
        DateTimeOffset begun = time.GetUtcNow();
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return waiting.IsCompleted;
            },
            "it waits for ever");
        Assert.Equal(ExitCode.Failed, await waiting);
        Assert.Contains("nobody has answered for 60 s", run.Error, StringComparison.Ordinal);
        Assert.InRange(asked, 3, 3 + (int)(time.GetUtcNow() - begun).TotalSeconds);
    }
}
