namespace ActorLb.Bench.Sessions;

/// <summary>The nodes of a run, the backends behind them, and what outlives a kill: their data directories and birth times.</summary>
internal sealed class NodeGroup : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly int[] _clusterPorts;
    private readonly int[] _listenPorts;
    private readonly int[] _backendPorts;
    private readonly string _births;

    public NodeGroup(int nodes, int backends, long bindings)
    {
        _clusterPorts = [.. Enumerable.Range(0, nodes).Select(_ => Ports.Free())];
        _listenPorts = [.. Enumerable.Range(0, nodes).Select(_ => Ports.Free())];
        _backendPorts = [.. Enumerable.Range(0, backends).Select(_ => Ports.Free())];
        Nodes = new NodeHandle?[nodes];
        Backends = [.. _backendPorts.Select((p, i) => BenchProcess.Start("node", [_folder.Write($"backend-{i}.js", Script(p, i))]))];
        _births = Path.Combine(_folder.Path, "births");
        BirthTimes.Make(_births, bindings);
    }

    public NodeHandle?[] Nodes { get; }

    public BenchProcess[] Backends { get; }

    public IEnumerable<NodeHandle> Running => Nodes.OfType<NodeHandle>();

    public NodeHandle this[int index] => Nodes[index] ?? throw new InvalidOperationException($"node {index} is not running");

    public Uri Listener(int node) => new($"http://127.0.0.1:{_listenPorts[node]}/");

    public void Start(int index) => Nodes[index] = NodeHandle.Start(
        SessionSettings.Arguments(_folder.Path, index, _clusterPorts, _listenPorts, _backendPorts, _births));

    public async Task StartAsync(params int[] which)
    {
        foreach (int index in which)
        {
            Start(index);
        }

        await Task.WhenAll(which.Select(i => this[i].ReadyAsync()));
    }

    public async Task KillAsync(params int[] which)
    {
        await Task.WhenAll(which.Select(i => this[i].KillAsync()));
        foreach (int index in which)
        {
            Nodes[index] = null;
        }
    }

    public Task<string[]> AllAsync(string command) => Task.WhenAll(Running.Select(n => n.DoAsync(command)));

    public async ValueTask DisposeAsync()
    {
        foreach (NodeHandle node in Running)
        {
            await node.DisposeAsync();
        }

        foreach (BenchProcess backend in Backends)
        {
            await backend.DisposeAsync();
        }

        _folder.Dispose();
    }

    // Not of the product, so that a mistake of ours in HTTP is not answered by the same mistake.
    private static string Script(int port, int index) =>
        $"require('http').createServer((q, r) => r.end('{index}')).listen({port}, '127.0.0.1');";
}
