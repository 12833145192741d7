using System.Text;
using ActorLb.Engine.AccessLogs;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.AccessLogs;

public sealed class AccessLogDrainTests : IDisposable
{
    private const int Buffer = 64 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-access-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly Lines _told = new();
    private readonly AccessLog _log;
    private readonly AccessLogDrain _drain;

    public AccessLogDrainTests() => (_log, _drain) = Open(FilePath);

    private string FilePath => Path.Combine(_directory, "logs", "access.log");

    private string Text => File.ReadAllText(FilePath);

    [Fact]
    public void Lines_are_appended_to_what_the_file_has()
    {
        MakeDirectory();
        File.WriteAllText(FilePath, "old\n");
        Write("one\n");
        Write("two\n");
        _drain.Pass();
        Write("three\n");
        _drain.Pass();
        Assert.Equal("old\none\ntwo\nthree\n", Text);
        Assert.Equal((3, 0), (_log.Written, _log.Dropped));
        Assert.Empty(_told.All);
    }

    [Fact]
    public void The_file_is_there_before_its_first_line()
    {
        MakeDirectory();
        _drain.Pass();
        Assert.Equal("", Text);
    }

    [Fact]
    public void A_file_that_was_moved_away_gets_what_comes_within_the_interval_and_a_new_one_the_rest()
    {
        MakeDirectory();
        Write("one\n");
        _drain.Pass();
        string moved = FilePath + ".1";
        File.Move(FilePath, moved);
        _time.Advance(AccessLogFile.CheckInterval - TimeSpan.FromTicks(1));
        Write("two\n");
        _drain.Pass();
        Assert.False(File.Exists(FilePath));

        _time.Advance(TimeSpan.FromTicks(1));
        Write("three\n");
        _drain.Pass();

        Assert.Equal("one\ntwo\n", File.ReadAllText(moved));
        Assert.Equal("three\n", Text);
    }

    [Fact]
    public void A_file_that_was_moved_away_with_a_new_one_in_its_place_is_left()
    {
        MakeDirectory();
        Write("one\n");
        _drain.Pass();
        File.Move(FilePath, FilePath + ".1");
        File.WriteAllText(FilePath, "");
        _time.Advance(AccessLogFile.CheckInterval);
        Write("two\n");
        _drain.Pass();
        Assert.Equal("two\n", Text);
    }

    [Fact]
    public void A_file_that_was_deleted_is_begun_anew_also_while_nobody_asks()
    {
        MakeDirectory();
        Write("one\n");
        _drain.Pass();
        File.Delete(FilePath);
        _time.Advance(AccessLogFile.CheckInterval);
        _drain.Pass();
        Assert.Equal("", Text);
    }

    [Fact]
    public void A_file_that_was_cut_to_nothing_goes_on_from_there()
    {
        MakeDirectory();
        Write("one\n");
        _drain.Pass();
        File.WriteAllText(FilePath, "");
        Write("two\n");
        _drain.Pass();
        Assert.Equal("two\n", Text);
    }

    [Fact]
    public void While_there_is_no_directory_lines_wait_and_none_is_lost_if_it_comes_back_soon()
    {
        Write("one\n");
        _drain.Pass();
        Assert.True(_log.Failing);
        Assert.Contains("0 line(s) lost", Assert.Single(_told.All), StringComparison.Ordinal);

        MakeDirectory();
        Write("two\n");
        _drain.Pass();
        Assert.False(File.Exists(FilePath));

        _time.Advance(AccessLogDrain.RetryInterval);
        _drain.Pass();
        Assert.Equal("one\ntwo\n", Text);
        Assert.False(_log.Failing);
        Assert.Equal((2, 0), (_log.Written, _log.Dropped));
    }

    [Fact]
    public void What_does_not_fit_meanwhile_is_counted_and_told_once_per_interval()
    {
        int accepted = 0;
        _drain.Pass();
        Assert.Single(_told.All);
        for (; _log.TryWrite("0123456789\n"u8); accepted++)
        {
        }

        for (int i = 1; i < 100; i++)
        {
            Assert.False(_log.TryWrite("0123456789\n"u8));
        }

        Assert.Equal(100, _log.Dropped);
        _time.Advance(AccessLogDrain.TellInterval - TimeSpan.FromTicks(1));
        _drain.Pass();
        Assert.Single(_told.All);

        _time.Advance(TimeSpan.FromTicks(1));
        _drain.Pass();
        Assert.Contains("100 line(s) lost", _told.All[1], StringComparison.Ordinal);
        _drain.Pass();
        Assert.Equal(2, _told.All.Count);

        MakeDirectory();
        _time.Advance(AccessLogDrain.RetryInterval);
        _drain.Pass();
        Assert.Equal(accepted, File.ReadAllLines(FilePath).Length);
    }

    [Fact]
    public void A_full_disk_leaves_lines_waiting_and_is_told()
    {
        if (!File.Exists("/dev/full"))
        {
            return;
        }

        (AccessLog log, AccessLogDrain drain) = Open("/dev/full");
        log.TryWrite("one\n"u8);
        drain.Pass();
        Assert.True(log.Failing);
        Assert.Equal(0, log.Written);
        Assert.Single(_told.All);

        drain.Finish();
        Assert.Equal(1, log.Dropped);
        drain.Dispose();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_line_longer_than_any_is_refused(int beyond, bool accepted) =>
        Assert.Equal(accepted, _log.TryWrite(new byte[AccessLine.BytesMax + beyond]));

    [Fact]
    public async Task Stopping_writes_what_is_there()
    {
        MakeDirectory();
        var writer = new AccessLogWriter(() => _log, NullLogger.Instance, TimeProvider.System);
        writer.Start();
        for (int i = 0; i < 1000; i++)
        {
            Write("a line\n");
        }

        await writer.StopAsync();
        await writer.DisposeAsync();
        Assert.Equal(1000, File.ReadAllLines(FilePath).Length);
        Assert.Equal((1000, 0), (_log.Written, _log.Dropped));
    }

    [Fact]
    public async Task A_writer_that_never_started_stops_too()
    {
        await using var writer = new AccessLogWriter(() => _log, NullLogger.Instance, TimeProvider.System);
        Assert.False(Directory.Exists(Path.GetDirectoryName(FilePath)));
    }

    public void Dispose()
    {
        _drain.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private (AccessLog, AccessLogDrain) Open(string path)
    {
        var log = new AccessLog(new AccessLogSettings(path, AccessLogFormat.Combined, Buffer));
        return (log, new AccessLogDrain(log, _told, _time));
    }

    private void MakeDirectory() => Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);

    private void Write(string line) => Assert.True(_log.TryWrite(Encoding.ASCII.GetBytes(line)));

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                All.Add(formatter(state, exception));
            }
        }
    }
}
