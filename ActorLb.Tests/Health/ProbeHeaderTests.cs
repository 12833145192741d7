using ActorLb.Engine;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>Probes of pools whose backends expect a header of the PROXY protocol.</summary>
public sealed class ProbeHeaderTests
{
    [Theory]
    [InlineData(ProbeKind.Http, false, "PROXY UNKNOWN\r\nGET ")]
    [InlineData(ProbeKind.Http, true, "GET ")]
    [InlineData(ProbeKind.Tcp, false, "PROXY UNKNOWN\r\n")]
    public async Task Probes_say_that_they_bring_no_client_where_requests_go(ProbeKind kind, bool hasPort, string begins)
    {
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new RawBackend(async connection =>
        {
            if (kind == ProbeKind.Http)
            {
                received.TrySetResult((await connection.ReadHeadAsync())![..begins.Length]);
                await connection.AnswerAsync("ok");
                return;
            }

            using var all = new MemoryStream();
            await connection.Stream.CopyToAsync(all);
            received.TrySetResult(System.Text.Encoding.ASCII.GetString(all.ToArray()));
        });
        PoolSettings pool = TestPools.Pool("web", hasPort ? "http://127.0.0.1:1" : backend.Address.ToString()) with { ProxyProtocol = ProxyHeaderVersion.V1 };
        pool = pool with { Health = pool.Health with { Probe = kind, Port = hasPort ? backend.Address.Port : 0 } };
        var plane = new DataPlane(TestPools.Node(pool), TimeProvider.System);
        using IProbe probe = Probes.Of(plane)(pool, pool.Backends[0]);

        Assert.True((await probe.ProbeAsync(CancellationToken.None)).Passed);
        Assert.Equal(begins, await received.Task);
    }
}
