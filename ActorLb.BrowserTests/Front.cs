using ActorLb.Tests;
using ActorLb.ProcessTests;

namespace ActorLb.BrowserTests;

/// <summary>
/// HAProxy, which only passes bytes on (mode tcp), before the nodes of a cluster: one origin for browsers, from which
/// nodes come and go. It asks each node's <c>/readyz</c>, as any balancer of layer 4 in front should.
/// </summary>
internal sealed class Front : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actorlb-front-");
    private readonly ActorLbProcess _process;

    private Front(LoopbackCluster cluster, string serverOptions)
    {
        string address = LoopbackPorts.OwnAddress();
        Origin = new Uri($"http://{address}:{LoopbackPorts.Free(address, 1)[0]}");
        string servers = string.Join('\n', cluster.Nodes.Select(n =>
            $"  server {n.Name} {n.Http.Authority} check addr {n.Admin.Host} port {n.Admin.Port} {serverOptions}"));
        string file = Path.Combine(_directory.FullName, "haproxy.cfg");
        File.WriteAllText(file, $"""
            defaults
              mode tcp
              timeout connect 1s
              timeout client 1h
              timeout server 1h
              timeout check 5s
              option redispatch 1
            frontend front
              bind {Origin.Authority}
              default_backend nodes
            backend nodes
              balance roundrobin
              option httpchk
              http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host 127.0.0.1
              default-server inter 200ms fastinter 100ms fall 1 rise 1
            {servers}

            """);
        _process = ActorLbProcess.StartProgram(Programs.HAProxy, [], "-db", "-f", file);
    }

    public Uri Origin { get; }

    /// <summary>Returns when a request through it is answered by a backend.</summary>
    /// <param name="serverOptions">HAProxy's, for connections to nodes.</param>
    public static async Task<Front> StartAsync(LoopbackCluster cluster, string serverOptions = "")
    {
        var front = new Front(cluster, serverOptions);
        await cluster.Until("HAProxy passes requests on", async () =>
        {
            front._process.ThrowIfExited();
            return (await cluster.Client.GetAsync(new Uri(front.Origin, "/healthz"))).IsSuccessStatusCode;
        });
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
