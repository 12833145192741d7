using ActorLb.Bench.Lab;
using ActorLb.Node.Admin;

namespace ActorLb.Bench.Partitions;

/// <summary>The network, the nodes and the backends of some trials.</summary>
internal sealed class Laboratory : IAsyncDisposable
{
    public const int Backends = 3;

    private const int BackendPortFirst = 9001;

    private readonly LabNetwork _network;
    private readonly string _folder;
    private readonly LabProcess?[] _backends = new LabProcess?[Backends];

    private Laboratory(LabNetwork network, string folder, int nodes)
    {
        _network = network;
        _folder = folder;
        Nodes = [.. Enumerable.Range(0, nodes).Select(i => new LabNode(network, folder, i, Settings(network, i, nodes)))];
    }

    public LabNode[] Nodes { get; }

    public LabNetwork Network => _network;

    /// <summary>All nodes start at the same moment. Complete when they are one cluster and see all backends up.</summary>
    public static async Task<Laboratory> StartAsync(int nodes, string folder)
    {
        Directory.CreateDirectory(folder);
        var laboratory = new Laboratory(await LabNetwork.BuildAsync(nodes), folder, nodes);
        try
        {
            for (int i = 0; i < Backends; i++)
            {
                laboratory.StartBackend(i);
            }

            foreach (LabNode node in laboratory.Nodes)
            {
                node.Start();
            }

            await laboratory.WholeAsync(TimeSpan.FromSeconds(60));
            return laboratory;
        }
        catch
        {
            await laboratory.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the sample backend with this number calls itself.</summary>
    public static string BackendName(int index) => $"web-{index}";

    public void StartBackend(int index) => _backends[index] = LabProcess.StartLogged(
        Path.Combine(_folder, $"{BackendName(index)}.log"),
        LabNode.Program, "backend", "--listen", $"{LabNetwork.HubAddress}:{BackendPortFirst + index}", "--name", BackendName(index), "--parent-pipe");

    public async Task KillBackendAsync(int index)
    {
        await _backends[index]!.DisposeAsync();
        _backends[index] = null;
    }

    public Task<StatusDocument?[]> StatusAsync() => Task.WhenAll(Nodes.Select(n => n.StatusAsync()));

    /// <summary>True where every node counts the same sessions on every backend.</summary>
    public static bool SessionsAreEqual(StatusDocument?[] status) =>
        status.All(s => s is not null) && status.Select(s => string.Join(' ', s!.Pools[0].Backends.Select(b => b.Sessions))).Distinct().Count() == 1;

    /// <summary>Waits for one cluster in which every node sees every backend up.</summary>
    public async Task WholeAsync(TimeSpan atMost)
    {
        long from = TimeProvider.System.GetTimestamp();
        StatusDocument?[] status = await StatusAsync();
        while (!LabStatus.IsOneCluster(status) || !status.All(s => s!.Pools[0].Backends.All(b => b.State == "up")))
        {
            if (TimeProvider.System.GetElapsedTime(from) > atMost)
            {
                throw new InvariantBrokenException($"not one cluster with all backends up after {atMost.TotalSeconds} s: {Describe(status)}");
            }

            await Task.Delay(100);
            status = await StatusAsync();
        }
    }

    public string Describe(StatusDocument?[] status) =>
        $"{LabStatus.Describe(Nodes, status)}; sessions {string.Join(", ", status.Select(s => s is null ? "?" : string.Join('/', s.Pools[0].Backends.Select(b => b.Sessions))))}";

    public async ValueTask DisposeAsync()
    {
        foreach (LabNode node in Nodes)
        {
            await node.DisposeAsync();
        }

        foreach (LabProcess? backend in _backends)
        {
            if (backend is not null)
            {
                await backend.DisposeAsync();
            }
        }

        await _network.DisposeAsync();
    }

    private static string Settings(LabNetwork network, int node, int nodes)
    {
        IEnumerable<string> seeds = Enumerable.Range(0, nodes).Select(i => $"\"{network.AddressOf(i)}:8110\"");
        IEnumerable<string> web = Enumerable.Range(0, Backends)
            .Select(i => $$"""{ id = {{BackendName(i)}}, address = "http://{{LabNetwork.HubAddress}}:{{BackendPortFirst + i}}" }""");
        return $$"""
              cluster { host = "{{network.AddressOf(node)}}", discovery { seeds = [{{string.Join(", ", seeds)}}] } }
              pools { web {
                backends = [ {{string.Join(", ", web)}} ]
                health { interval = 1s }
              } }
            """;
    }
}

/// <summary>Something did not happen that must.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);
