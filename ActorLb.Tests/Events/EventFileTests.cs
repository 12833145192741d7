using System.Text;
using ActorLb.Node.Events;
using ActorLb.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class EventFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-eventfile-").FullName;
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private string Path => System.IO.Path.Combine(_directory, EventFile.Name);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_new_start_knows_what_was_also_of_other_nodes()
    {
        EventLog before = Log();
        await using (EventFile file = File(before))
        {
            before.Note(new EventNote(EventKind.NodeReady, "ready"));
            before.Take([Log("n2").Note(new EventNote(EventKind.NodeReady, "ready as well"))]);
        }

        EventLog after = Log();
        await using (EventFile _ = File(after))
        {
            Assert.Equal(before.All().Events.Select(e => e.Id), after.All().Events.Select(e => e.Id));
            Assert.True(after.Note(new EventNote(EventKind.NodeLeaving, "leaving")).Id.CompareTo(before.All().Events[0].Id) > 0);
        }

        Assert.Equal(3, (await System.IO.File.ReadAllLinesAsync(Path)).Count(l => l.Length > 0));
    }

    [Fact]
    public async Task What_is_older_than_a_day_is_forgotten()
    {
        EventLog before = Log();
        await using (EventFile file = File(before))
        {
            before.Note(new EventNote(EventKind.NodeReady, "old"));
            _now += TimeSpan.FromHours(23);
            before.Note(new EventNote(EventKind.NodeReady, "young"));
        }

        _now += TimeSpan.FromHours(2);
        EventLog after = Log();
        await using EventFile _ = File(after);
        Assert.Equal(["young"], after.All().Events.Select(e => e.Text));
    }

    [Fact]
    public async Task There_are_two_files_of_a_bounded_size()
    {
        EventLog log = Log();
        await using (EventFile file = File(log))
        {
            for (int i = 0; i < 6000; i++)
            {
                log.Note(new EventNote(EventKind.NodeReady, new string('x', 500)) { Data = new { much = new string('y', 1800) } });
                if (i % 500 == 499)
                {
                    NodeEvent last = log.All().Events[^1];
                    await Eventually.Holds(() => Holds(last), "it is written");
                }
            }
        }

        string[] files = Directory.GetFiles(_directory);
        Assert.Equal(2, files.Length);
        Assert.All(files, f => Assert.True(new FileInfo(f).Length < EventFile.BytesMax + (1 << 20), f));
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_costs_history_alone()
    {
        EventLog log = Log();
        var file = new EventFile(_directory, log, TimeProvider.System, NullLogger.Instance) { BeforeWrite = () => throw new IOException("no space left on device") };
        file.Start();
        NodeEvent noted = log.Note(new EventNote(EventKind.NodeReady, "ready"));
        await file.DisposeAsync();
        Assert.Equal(noted, Assert.Single(log.All().Events));
        Assert.False(System.IO.File.Exists(Path));
    }

    [Fact]
    public async Task A_line_that_was_cut_and_what_is_none_is_passed_over()
    {
        NodeEvent one = Log("n2").Note(new EventNote(EventKind.NodeReady, "whole"));
        string line = Encoding.UTF8.GetString(one.Json.Span);
        await System.IO.File.WriteAllTextAsync(Path, $"{line[..50]}\nrubbish\n\0\0\0\n{line}\n{line[..80]}");
        EventLog log = Log();
        await using (EventFile _ = File(log))
        {
            Assert.Equal(["whole"], log.All().Events.Select(e => e.Text));
            log.Note(new EventNote(EventKind.NodeReady, "next"));
        }

        EventLog again = Log();
        await using EventFile file = File(again);
        Assert.Equal(["whole", "next"], again.All().Events.Select(e => e.Text));
    }

    [Fact]
    public async Task A_link_is_not_followed()
    {
        string target = System.IO.Path.Combine(_directory, "elsewhere");
        await System.IO.File.WriteAllTextAsync(target, "theirs");
        System.IO.File.CreateSymbolicLink(Path, target);
        EventLog log = Log();
        await using (EventFile _ = File(log))
        {
            log.Note(new EventNote(EventKind.NodeReady, "ready"));
        }

        Assert.Equal("theirs", await System.IO.File.ReadAllTextAsync(target));
    }

    [Fact]
    public async Task Others_of_this_machine_cannot_read_it()
    {
        EventLog log = Log();
        await using (EventFile _ = File(log))
        {
            log.Note(new EventNote(EventKind.NodeReady, "ready"));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(Path));
        }
    }

    private bool Holds(NodeEvent one)
    {
        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Contains(one.Id.ToString(), StringComparison.Ordinal);
        }
        catch (FileNotFoundException)
        {
            // Not there yet, or just moved aside for the next one.
            return false;
        }
    }

    private EventFile File(EventLog log)
    {
        var file = new EventFile(_directory, log, TimeProvider.System, NullLogger.Instance);
        file.Start();
        return file;
    }

    private EventLog Log(string node = "n1") => new(node, () => _now, NullLogger.Instance, 2000);
}
