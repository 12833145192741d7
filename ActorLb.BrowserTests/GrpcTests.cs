using System.Net;
using ActorLb.ProcessTests;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>Three servers of grpc-dotnet behind three nodes, over HTTP/2 without TLS on both sides, and its client.</summary>
public sealed class GrpcTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private LoopbackCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await LoopbackCluster.StartAsync(
            poolExtra: "protocol = http2, affinity.mode = off, health.probe = grpc",
            extra: "listeners.http.http2 = cleartext",
            program: (authority, name) => Programs.StartSample("gRPC", [], "--urls", $"http://{authority}", "--name", name, "--http2"),
            backendVersion: HttpVersion.Version20);
        for (int i = 0; i < _cluster.BackendPorts.Count; i++)
        {
            await _cluster.WhenBackendIsAsync(i, "up");
        }
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task All_that_calls_can_do_they_do_through_a_node_also_while_another_one_dies()
    {
        await using ActorLbProcess alone = Interop(_cluster.Nodes[0].Http, 10);
        Assert.True(await alone.ExitCodeAsync(Bound) == 0, alone.Output + _cluster.Logs());

        await using ActorLbProcess meanwhile = Interop(_cluster.Nodes[1].Http, 10);
        await _cluster.Until("the first cases are done", () =>
        {
            return Task.FromResult(meanwhile.Output.Contains("ok ", StringComparison.Ordinal) || !meanwhile.IsRunning);
        });
        _cluster.Kill("lb1");
        Assert.True(await meanwhile.ExitCodeAsync(Bound) == 0, meanwhile.Output + _cluster.Logs());
    }

    [Fact]
    public async Task A_server_that_says_that_it_does_not_serve_gets_no_calls()
    {
        Uri first = _cluster.BackendUri(0, "/");
        await using ActorLbProcess told = Programs.StartSample("gRPC", [], "health", first.AbsoluteUri, "not-serving");
        await told.ExitCodeAsync();
        await _cluster.WhenBackendIsAsync(0, "down");

        await using ActorLbProcess client = Programs.StartSample("gRPC", [], "client", _cluster.Nodes[2].Http.AbsoluteUri);
        Assert.True(await client.ExitCodeAsync() == 0, client.Output + _cluster.Logs());
        Assert.DoesNotContain("web-1 ", client.Output, StringComparison.Ordinal);

        await using ActorLbProcess again = Programs.StartSample("gRPC", [], "health", first.AbsoluteUri, "serving");
        await again.ExitCodeAsync();
        await _cluster.WhenBackendIsAsync(0, "up");
    }

    private static ActorLbProcess Interop(Uri node, int repeat) =>
        Programs.StartSample("gRPC", [], "interop", "--address", node.AbsoluteUri, "--repeat", $"{repeat}", "--parallel", "4");
}
