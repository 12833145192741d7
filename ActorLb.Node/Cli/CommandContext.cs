using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary>Everything that the commands take from outside: the process, the terminal, and the rest of the product.</summary>
internal sealed record CommandContext
{
    public required Func<IReadOnlyList<string>, ConfigurationReading> LoadConfiguration { get; init; }

    /// <summary>Reads a configuration that is in no file: its name for messages, and its text.</summary>
    public required Func<string, string, ConfigurationReading> ReadConfiguration { get; init; }

    public required NodeFactory CreateNode { get; init; }

    public TextWriter Out { get; init; } = Console.Out;

    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>What <see cref="Out"/> can show.</summary>
    public TerminalShape Terminal { get; init; } = TerminalShape.OfThisProcess(Environment.GetEnvironmentVariable);

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public Func<LogSettings, ILoggerFactory> CreateLoggers { get; init; } = ConsoleLogging.Create;

    public Func<HangUp, StopSignals> CatchSignals { get; init; } = StopSignals.OfThisProcess;

    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public INameResolver Resolver { get; init; } = SystemNameResolver.Instance;

    public SelfCommand Self { get; init; } = SelfCommand.OfThisProcess();

    /// <summary>A document of the admin API, on as many lines as it has.</summary>
    public void PrintJson<T>(T document) => Out.Write(JsonSerializer.Serialize(document, AdminJson.Indented) + "\n");

    /// <summary>One problem on stderr, in the form of every other error: one line, whatever others have said in it.</summary>
    public void Complain(string problem) => Error.WriteLine($"actorlb: {problem}");
}
