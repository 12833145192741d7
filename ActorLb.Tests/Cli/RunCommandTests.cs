using System.Collections.Concurrent;
using System.IO.Pipelines;
using ActorLb.Node.Cli;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Health;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class RunCommandTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private static CommandRun Running(FakeNode node) => new() { CreateNode = (_, _, _) => node };

    [Fact]
    public async Task A_configuration_with_mistakes_starts_nothing()
    {
        var run = new CommandRun { Reading = new ConfigurationReading(null, ["a.conf: x: wrong"], []) };
        Assert.Equal(ExitCode.WrongUsage, await run.RunAsync("run", "-c", "a.conf"));
        Assert.Equal($"error: a.conf: x: wrong{Environment.NewLine}", run.Error);
    }

    [Theory]
    [InlineData(new string[0], LogThreshold.Error)]
    [InlineData(new[] { "--log-level", "debug" }, LogThreshold.Debug)]
    public async Task The_log_is_as_the_configuration_says_and_the_level_of_the_command_line_goes_before(string[] more, LogThreshold level)
    {
        var node = new FakeNode();
        CommandRun run = Running(node);
        run.Settings = run.Settings with { Log = new LogSettings(LogFormat.Json, LogThreshold.Error) };
        Task<int> exit = run.RunAsync(["run", "-c", "a.conf", .. more]);
        await node.Started.Task.WaitAsync(Generous);
        run.Signals.Raise();
        await exit.WaitAsync(Generous);
        Assert.Equal(new LogSettings(LogFormat.Json, level), run.AskedLog);
    }

    [Fact]
    public void Levels_of_the_configuration_are_those_of_the_log() => Assert.Equal(
        Enum.GetValues<LogLevel>().Select(l => (l.ToString(), (int)l)), Enum.GetValues<LogThreshold>().Select(l => (l.ToString(), (int)l)));

    [Fact]
    public async Task The_first_signal_lets_the_node_leave_and_the_exit_code_is_0()
    {
        var node = new FakeNode();
        CommandRun run = Running(node);
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        Assert.False(exit.IsCompleted);

        Assert.True(run.Signals.Raise());

        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
        Assert.True(node.Stopped);
        Assert.True(node.Disposed);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_token_that_comes_from_the_environment_is_told_at_the_start(bool isFromEnvironment, int times)
    {
        using var log = new LogLines();
        var node = new FakeNode();
        CommandRun run = Running(node);
        run.Loggers = log;
        run.Settings = run.Settings with { Admin = run.Settings.Admin with { TokenIsFromEnvironment = isFromEnvironment } };
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
        Assert.Equal(times, log.All.Count(l => l.StartsWith("The admin API's token 'default' comes from the environment (ACTORLB_ADMIN_TOKEN), and its role is operate", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SIGHUP_has_the_node_read_its_files_again_also_one_that_came_before_there_was_a_node()
    {
        var node = new FakeNode();
        CommandRun run = Running(node);
        run.Signals.HangUp();
        run.Signals.HangUp();
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        Assert.Equal(1, node.Reloads);
        run.Signals.HangUp();
        Assert.Equal(2, node.Reloads);
        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task A_second_signal_does_not_wait()
    {
        var stopping = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        var node = new FakeNode
        {
            OnStop = _ =>
            {
                stopping.SetResult();
                return never.Task;
            },
        };
        CommandRun run = Running(node);
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        run.Signals.Raise();
        await stopping.Task.WaitAsync(Generous);
        Assert.False(exit.IsCompleted);

        Assert.False(run.Signals.Raise());

        Assert.Equal(ExitCode.Failed, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task Asking_twice_without_a_signal_forces_nothing()
    {
        using var signals = new StopSignals();
        signals.Request();
        signals.Request();
        Assert.True(signals.WhenRequested.IsCompletedSuccessfully);
        Assert.True(signals.Raise());
        Assert.False(signals.WhenForced.IsCompleted);
        Assert.False(signals.Raise());
        await signals.WhenForced.WaitAsync(Generous);
    }

    [Fact]
    public async Task A_node_that_does_not_stop_is_left_after_the_shutdown_timeout()
    {
        var node = new FakeNode { OnStop = _ => new TaskCompletionSource().Task };
        CommandRun run = Running(node);
        run.Settings = run.Settings with { ShutdownTimeout = TimeSpan.FromMilliseconds(100) };
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        run.Signals.Raise();

        Assert.Equal(ExitCode.Failed, await exit.WaitAsync(Generous));
        Assert.Contains("did not stop within 0.1 s", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_go_on_is_stopped_and_says_why()
    {
        var node = new FakeNode();
        CommandRun run = Running(node);
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        node.Fails.SetResult("listeners: an event loop has ended");

        Assert.Equal(ExitCode.Failed, await exit.WaitAsync(Generous));
        Assert.Contains("cannot go on and stops; listeners: an event loop has ended", run.Error, StringComparison.Ordinal);
        Assert.True(node.Stopped);
    }

    [Fact]
    public async Task A_node_is_told_to_cut_off_before_the_timeout_is_over()
    {
        var stopping = new TaskCompletionSource();
        var node = new FakeNode
        {
            OnStop = async cancellation =>
            {
                var cut = new TaskCompletionSource();
                await using CancellationTokenRegistration registration = cancellation.Register(cut.SetResult);
                stopping.SetResult();
                await cut.Task;
            },
        };
        var time = new ManualTime();
        CommandRun run = Running(node);
        run.Time = time;
        run.Settings = run.Settings with { ShutdownTimeout = TimeSpan.FromSeconds(4) };
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await node.Started.Task.WaitAsync(Generous);
        run.Signals.Raise();
        await stopping.Task.WaitAsync(Generous);

        time.Advance(TimeSpan.FromSeconds(3.6));

        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task A_failed_start_is_one_line_and_1_and_leaves_nothing_behind()
    {
        var node = new FakeNode
        {
            OnStart = _ => throw new AggregateException(new IOException("Failed to bind to 127.0.0.1:80:\naddress already in use")),
        };
        CommandRun run = Running(node);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("run", "-c", "a.conf"));
        Assert.Equal(
            $"actorlb: node-1 could not start: Failed to bind to 127.0.0.1:80: address already in use{Environment.NewLine}", run.Error);
        Assert.True(node.Disposed);
    }

    [Fact]
    public async Task What_could_not_be_prepared_is_one_line_and_1_and_there_is_nothing_to_leave()
    {
        var node = new FakeNode { OnPrepare = () => throw new IOException("cannot listen on 127.0.0.1:80") };
        CommandRun run = Running(node);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("run", "-c", "a.conf"));
        Assert.Equal($"actorlb: node-1 could not start: cannot listen on 127.0.0.1:80{Environment.NewLine}", run.Error);
        Assert.False(node.Started.Task.IsCompleted);
        Assert.False(node.Stopped);
        Assert.True(node.Disposed);
    }

    [Fact]
    public async Task A_signal_during_the_start_ends_it_in_good_order()
    {
        var starting = new TaskCompletionSource();
        var node = new FakeNode
        {
            OnStart = async cancellation =>
            {
                starting.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            },
        };
        CommandRun run = Running(node);
        Task<int> exit = run.RunAsync("run", "-c", "a.conf");
        await starting.Task.WaitAsync(Generous);
        run.Signals.Raise();

        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
        Assert.True(node.Disposed);
    }

    [Fact]
    public async Task With_a_parent_pipe_the_end_of_stdin_is_a_signal()
    {
        var pipe = new Pipe();
        var node = new FakeNode();
        CommandRun run = Running(node);
        run.Input = pipe.Reader.AsStream();
        Task<int> exit = run.RunAsync("run", "-c", "a.conf", "--parent-pipe");
        await node.Started.Task.WaitAsync(Generous);
        await pipe.Writer.WriteAsync("anything"u8.ToArray());
        Assert.False(exit.IsCompleted);

        await pipe.Writer.CompleteAsync();

        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    private sealed class LogLines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
