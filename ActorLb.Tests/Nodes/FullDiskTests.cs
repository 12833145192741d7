using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node whose disk is full: a file system of its own where the tests may mount one, else a database that may not grow.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-full-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private bool _isMounted;
    private BalancerNode? _node;

    public async Task InitializeAsync()
    {
        _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", _directory);
        string address = LoopbackPorts.OwnAddress();
        int port = LoopbackPorts.Free(address, 1)[0];
        PoolSettings web = TestPools.Pool("web", "http://127.0.0.1:9");
        NodeSettings settings = TestPools.Node(web with { Affinity = web.Affinity with { Keys = [] } }) with
        {
            Name = "lb1",
            DataDirectory = _directory,
            Cluster = new ClusterSettings(
                address, port, [new HostPort(address, port)],
                TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), null),
        };
        _node = new BalancerNode(settings, NullLoggerFactory.Instance, TimeProvider.System);
        await _node.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        _client.Dispose();
        if (_isMounted)
        {
            Assert.True(Run("umount", _directory));
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_drain_on_a_full_disk_is_not_confirmed_and_is_once_there_is_room()
    {
        string filler = Path.Combine(_directory, "filler");
        Fill(filler);

        (HttpStatusCode status, JsonElement decision) = await DecideAsync("drain");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.False(decision.GetProperty("confirmed").GetBoolean());
        Assert.Equal(["lb1"], decision.GetProperty("notOnDisk").EnumerateArray().Select(n => n.GetString()!));

        // It holds all the same.
        Assert.Empty(decision.GetProperty("notInForce").EnumerateArray());
        Assert.Equal(Shared.Backends.OperatorState.Draining, _node!.Plane.Routing.Pools["web"].Backends[0].Operator);

        MakeRoom(filler);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        do
        {
            bound.Token.ThrowIfCancellationRequested();
            (status, decision) = await DecideAsync("drain");
        }
        while (status != HttpStatusCode.OK);

        Assert.True(decision.GetProperty("confirmed").GetBoolean());
    }

    private void Fill(string filler)
    {
        if (!_isMounted)
        {
            _node!.Store.BeforeWrite = () => throw new IOException("no space left on device");
            return;
        }

        var piece = new byte[4096];
        using FileStream file = File.Create(filler, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(piece);
            }
        }
        catch (IOException)
        {
            // That was the last of it.
        }
    }

    private void MakeRoom(string filler)
    {
        _node!.Store.BeforeWrite = null;
        File.Delete(filler);
    }

    private async Task<(HttpStatusCode Status, JsonElement Decision)> DecideAsync(string verb)
    {
        using HttpResponseMessage answer = await _client.PostAsync(
            new Uri($"http://{_node!.AdminEndpoint}/api/v1/pools/web/backends/127.0.0.1%3A9/{verb}"), null);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
