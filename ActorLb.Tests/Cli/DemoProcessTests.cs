using System.Diagnostics;
using ActorLb.Node.Cli;
using ActorLb.Node.Demo;
using Xunit;

namespace ActorLb.Tests.Cli;

/// <summary>Real processes: this program itself, as the sample backend.</summary>
public sealed class DemoProcessTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    // The tests run inside another host, so the program is named by its assembly.
    private static readonly SelfCommand Program = new("dotnet", typeof(SelfCommand).Assembly.Location);

    [Fact]
    public async Task A_child_ends_when_its_parents_end_of_the_pipe_closes()
    {
        int port = LoopbackPorts.Free("127.0.0.1", 1)[0];
        using ChildProcess child = ChildProcess.Start("ada", Program, ["backend", "--listen", $"127.0.0.1:{port}", "--name", "ada"]);
        await Answers(port);

        // What the kernel does when a parent is killed.
        await child.StopAsync(CancellationToken.None).WaitAsync(Generous);

        Assert.Equal(0, await child.Exited);
    }

    [Fact]
    public async Task A_process_that_dies_is_told_with_how_to_start_it_again()
    {
        CommandRun run = Running(out int port);
        await using var stage = new ProcessStage(run.Context, run.Layout, [], Options(restart: false), CancellationToken.None);
        await stage.StartAsync(CancellationToken.None);
        await Answers(port);
        stage.Open();
        int id = stage.ProcessIdOf("ada")!.Value;

        Kill(id);

        string loss = await stage.FirstLoss.WaitAsync(Generous);
        Assert.Equal($"ada (process {id}) ended with exit code 137", loss);
        await Until.Holds(() => run.Out.Contains($"{loss}. Start it again with: ", StringComparison.Ordinal));
        Assert.Contains($"backend --listen 127.0.0.1:{port} --name ada", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_dies_is_started_again_where_that_was_asked_for()
    {
        CommandRun run = Running(out int port);
        await using var stage = new ProcessStage(run.Context, run.Layout, [], Options(restart: true), CancellationToken.None);
        await stage.StartAsync(CancellationToken.None);
        await Answers(port);
        stage.Open();
        int first = stage.ProcessIdOf("ada")!.Value;

        Kill(first);

        await Until.Holds(() => run.Out.Contains("It runs again as process", StringComparison.Ordinal));
        await Answers(port);
        int second = stage.ProcessIdOf("ada")!.Value;
        Assert.NotEqual(first, second);

        await stage.StopAsync(CancellationToken.None).WaitAsync(Generous);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(second));
    }

    [Fact]
    public async Task A_process_that_dies_before_the_demo_is_ready_ends_it()
    {
        CommandRun run = Running(out int port);
        int[] ports = LoopbackPorts.Free("127.0.0.1", 3);
        run.Layout = run.Layout with { Nodes = [new DemoNode("node-1", ports[0], ports[1], ports[2])] };
        run.Self = new SelfCommand("dotnet", typeof(SelfCommand).Assembly.Location, "nonsense");

        Assert.Equal(ExitCode.Failed, await run.RunAsync("demo", "--processes").WaitAsync(Generous));

        Assert.Matches(@"the demo did not come up: (ada|node-1) \(process \d+\) ended with exit code 2", run.Error);
        Assert.NotEqual(0, port);
    }

    private static DemoOptions Options(bool restart) => new(true, restart, true, Microsoft.Extensions.Logging.LogLevel.Error);

    private static CommandRun Running(out int port)
    {
        port = LoopbackPorts.Free("127.0.0.1", 1)[0];
        return new CommandRun { Layout = new DemoLayout([], [new DemoBackend("ada", port)]), Self = Program };
    }

    private static async Task Answers(int port)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Contains("\"ada\"", await Until.Answered(() => client.GetStringAsync($"http://127.0.0.1:{port}/whoami")), StringComparison.Ordinal);
    }

    private static void Kill(int id)
    {
        using Process process = Process.GetProcessById(id);
        process.Kill();
    }
}
