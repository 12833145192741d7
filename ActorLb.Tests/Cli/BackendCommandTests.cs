using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Cli;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class BackendCommandTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_sample_backend_serves_until_a_signal()
    {
        int port = LoopbackPorts.Free("127.0.0.1", 1)[0];
        var run = new CommandRun();
        Task<int> exit = run.RunAsync("backend", "--listen", $"127.0.0.1:{port}", "--name", "ada");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        Assert.Contains("ada", await Until.Answered(() => client.GetStringAsync($"http://127.0.0.1:{port}/whoami")), StringComparison.Ordinal);

        // It answers before it says so.
        await Until.Holds(() => run.Out.Length > 0);
        Assert.Equal($"ada listens on http://127.0.0.1:{port}{Environment.NewLine}", run.Out);

        run.Signals.Raise();
        Assert.Equal(ExitCode.Good, await exit.WaitAsync(Generous));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var run = new CommandRun();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("backend", "--listen", listener.LocalEndpoint.ToString()!, "--name", "ada"));

        Assert.Matches($"^actorlb: ada could not start: .*in use\\.?{Environment.NewLine}$", run.Error);
    }
}
