using ActorLb.Node.Cli;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Node.Demo;
using ActorLb.Node.Top;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorLb.Tests.Cli;

/// <summary>A command line in this process: what it prints is caught, and what it would run is the test's.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "String writers hold nothing.")]
internal sealed class CommandRun
{
    private readonly StringWriter _outText = new();
    private readonly StringWriter _errorText = new();
    private readonly TextWriter _out;
    private readonly TextWriter _error;

    public CommandRun()
    {
        _out = TextWriter.Synchronized(_outText);
        _error = TextWriter.Synchronized(_errorText);
        Settings = AdminFixture.Settings("node-1", new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), null, "a");
    }

    public string Out => Read(_out, _outText);

    public string Error => Read(_error, _errorText);

    public StopSignals Signals { get; } = new();

    /// <summary>Null: a test raises <see cref="Signals"/>.</summary>
    public Func<HangUp, StopSignals>? CatchSignals { get; set; }

    public Dictionary<string, string> Variables { get; } = [];

    public NodeSettings Settings { get; set; }

    public ConfigurationReading? Reading { get; set; }

    /// <summary>By the first file; <see cref="Reading"/> for others.</summary>
    public Dictionary<string, ConfigurationReading> ReadingOf { get; } = [];

    public Func<string, string, ConfigurationReading> ReadText { get; set; } =
        (_, _) => throw new InvalidOperationException("this test reads no text");

    public NodeFactory CreateNode { get; set; } = (_, _, _) => throw new InvalidOperationException("this test makes no node");

    public Stream Input { get; set; } = Stream.Null;

    public INameResolver Resolver { get; set; } = SystemNameResolver.Instance;

    public DemoLayout Layout { get; set; } = DemoLayout.WellKnown;

    public SelfCommand Self { get; set; } = new("actorlb");

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>How the command wanted its log.</summary>
    public LogSettings? AskedLog { get; private set; }

    public TerminalShape Terminal { get; set; } = new(int.MaxValue, InColour: false);

    public TopTerminal Screen { get; set; } = TopTerminal.OfThisProcess;

    public IReadOnlyList<string> LoadedFiles { get; private set; } = [];

    public CommandContext Context => new()
    {
        LoadConfiguration = files =>
        {
            LoadedFiles = files;
            return ReadingOf.GetValueOrDefault(files[0]) ?? Reading ?? new ConfigurationReading(Settings, [], []);
        },
        ReadConfiguration = ReadText,
        CreateNode = CreateNode,
        Out = _out,
        Error = _error,
        Terminal = Terminal,
        Variable = name => Variables.GetValueOrDefault(name),
        CreateLoggers = asked =>
        {
            AskedLog = asked;
            return Loggers;
        },
        CatchSignals = CatchSignals ?? (_ => Signals),
        OpenInput = () => Input,
        Resolver = Resolver,
        Time = Time,
        Self = Self,
    };

    public Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(args, Context, context => DemoCommand.Create(context, Layout), context => TopCommand.Create(context, Screen));

    // A synchronized writer locks on itself.
    private static string Read(TextWriter writer, StringWriter text)
    {
        lock (writer)
        {
            return text.ToString();
        }
    }
}

/// <summary>A node whose start and stop are in the test's hands.</summary>
internal sealed class FakeNode : IRunningNode
{
    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<string> Fails { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> WhenFailed => Fails.Task;

    public Func<Task> OnPrepare { get; init; } = () => Task.CompletedTask;

    public Func<CancellationToken, Task> OnStart { get; init; } = _ => Task.CompletedTask;

    public Func<CancellationToken, Task> OnStop { get; init; } = _ => Task.CompletedTask;

    public int Reloads { get; private set; }

    public bool Stopped { get; private set; }

    public bool Disposed { get; private set; }

    public Task PrepareAsync(CancellationToken cancellation) => OnPrepare();

    public async Task StartAsync(CancellationToken cancellation)
    {
        await OnStart(cancellation);
        Started.SetResult();
    }

    public void Reload() => Reloads++;

    public Task StopAsync(CancellationToken cancellation)
    {
        Stopped = true;
        return OnStop(cancellation);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
