using System.Collections.Immutable;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Processes;

/// <summary>Nodes and backends as processes of this machine; with root on Linux each node in a network namespace of its own.</summary>
internal sealed class ProcessTarget : IChaosTarget
{
    /// <summary>Nodes that scaling out adds at most.</summary>
    private const int MoreNodesMax = 2;

    private const int MoreBackendsMax = 3;

    private readonly IPlaces _places;
    private readonly string _folder;
    private readonly Dictionary<string, NodeProcess> _nodes = [];
    private readonly BackendProcesses _backends;
    private readonly CertificateFiles _certificates;
    private readonly NodeText _text;
    private readonly BackendAdmin _admin = new(NodeProcess.Token);
    private ImmutableList<NodePlace> _known = [];

    private ProcessTarget(IPlaces places, string folder, int backendsMax)
    {
        _places = places;
        _folder = folder;
        _backends = new BackendProcesses(places.HubAddress, folder, backendsMax);
        _certificates = new CertificateFiles(folder);
        _text = new NodeText(_backends.Configured, _certificates.PathOf);
    }

    public string Name => "processes";

    public bool BackendsKeepTheirNames => true;

    public string Token => NodeProcess.Token;

    public IReadOnlyList<NodePlace> Nodes => _known;

    public IReadOnlyList<BackendPlace> Backends => _backends.Places;

    public IReadOnlyList<PoolPlace> Pools => NodeText.Pools;

    public CertificateFiles? Certificates => _certificates;

    public string? OnlyOneCanRun => $"limits.idle-timeout = ${{{NodeText.FirstVariable}}}";

    /// <summary>All processes run; the nodes are not ready yet.</summary>
    public static async Task<ProcessTarget> StartAsync(bool inNamespaces, string folder, int nodes, int backends)
    {
        IPlaces places = inNamespaces ? await LabNetwork.BuildAsync(nodes + MoreNodesMax) : new LoopbackPlaces();
        var target = new ProcessTarget(places, folder, backends + MoreBackendsMax);
        await target._certificates.RenewAsync(0);
        for (int i = 0; i < backends; i++)
        {
            target._backends.Add();
        }

        for (int i = 0; i < nodes + MoreNodesMax; i++)
        {
            NodeProcess node = await NodeProcess.CreateAsync(places, folder, i, nodes + MoreNodesMax, target._text);
            target._nodes.Add(node.Place.Name, node);
        }

        target.MakeKnown(await target.AddNodesAsync(nodes));
        return target;
    }

    public string? WhyNot(FaultKind kind) => kind switch
    {
        FaultKind.Disconnect or FaultKind.CutPair or FaultKind.CutSides or FaultKind.FlapSides or FaultKind.CutOneWay or FaultKind.LosePackets
            or FaultKind.CutBackend or FaultKind.LoseBackend or FaultKind.FullDisk when !_places.CanBreak => "it needs root, network namespaces and iptables",
        FaultKind.ClockJump when FakeClock.FindLibrary() is null => "it needs libfaketime (Debian's package faketime)",
        _ => null,
    };

    public Task KillAsync(IReadOnlyCollection<NodePlace> nodes) => Task.WhenAll(nodes.Select(n => _nodes[n.Name].KillAsync()));

    public Task StartAsync(IReadOnlyCollection<NodePlace> nodes)
    {
        foreach (NodePlace node in nodes)
        {
            _nodes[node.Name].Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(NodePlace node) => _nodes[node.Name].StopAsync();

    public Task PauseAsync(NodePlace node) => _nodes[node.Name].SignalAsync("STOP");

    public Task ResumeAsync(NodePlace node) => _nodes[node.Name].SignalAsync("CONT");

    public async Task<IReadOnlyList<NodePlace>> AddNodesAsync(int count)
    {
        NodePlace[] added = [.. _nodes.Values.Select(n => n.Place).Where(p => !_known.Contains(p)).Take(count)];
        await StartAsync(added);
        return added;
    }

    public void MakeKnown(IReadOnlyCollection<NodePlace> nodes) => _known = _known.AddRange(nodes);

    public async Task RemoveNodesAsync(int count)
    {
        NodePlace[] leaving = [.. _known.TakeLast(count)];
        await Task.WhenAll(leaving.Select(StopAsync));
        _known = _known.RemoveRange(leaving);
    }

    public Task LoseAsync(IReadOnlyCollection<LostLink> links) => _places.FilterAsync(links.ToLookup(l => IndexOf(l.To), Rule));

    public Task ConnectAsync(NodePlace node, bool connected) =>
        _places.FilterAsync((connected ? [] : new[] { IndexOf(node) }).ToLookup(i => i, _ => "-i eth0 -j DROP"));

    public Task KillAsync(BackendPlace backend) => _backends.KillAsync(backend);

    public Task StartAsync(BackendPlace backend)
    {
        _backends.Start(backend);
        return BackendProcesses.WhenListeningAsync(backend);
    }

    public Task StopAsync(BackendPlace backend) => _backends.StopAsync(backend);

    public Task PauseAsync(BackendPlace backend) => _backends.SignalAsync(backend, "STOP");

    public Task ResumeAsync(BackendPlace backend) => _backends.SignalAsync(backend, "CONT");

    public async Task ScaleBackendsAsync(int count)
    {
        while (Backends.Count < count)
        {
            await BackendProcesses.WhenListeningAsync(_backends.Add());
        }

        // It stays configured, and is down: ready again, so that it takes sessions when it comes back.
        while (Backends.Count > count)
        {
            BackendPlace leaving = Backends[^1];
            await _admin.DrainAsync(Nodes[0], leaving);
            await _backends.RemoveAsync(leaving);
            await _admin.MakeReadyAsync(Nodes[0], leaving);
        }
    }

    public Task ReloadAsync(NodePlace node, FileVariant variant) => _nodes[node.Name].ReloadAsync(variant);

    public Task<string> RevisionAsync(FileVariant variant) => Task.FromResult(_text.ForAll(variant));

    public Task FillDiskAsync(NodePlace node, bool full) => _nodes[node.Name].FillDiskAsync(full);

    public async Task StartWithClockAsync(NodePlace node)
    {
        await _nodes[node.Name].SetClockAsync(TimeSpan.Zero);
        _nodes[node.Name].Start(FakeClock.FindLibrary());
    }

    public Task SetClockAsync(NodePlace node, TimeSpan ahead) => _nodes[node.Name].SetClockAsync(ahead);

    public async ValueTask DisposeAsync()
    {
        foreach (NodeProcess node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        await _backends.DisposeAsync();
        await _places.DisposeAsync();
        _admin.Dispose();
        _certificates.Dispose();
    }

    private static int IndexOf(NodePlace node) => node.Name[0] - 'a';

    private string Rule(LostLink link)
    {
        string from = link.FromNode is { } node ? $"-s {_places.AddressOf(IndexOf(node))}" : $"-s {link.FromBackend!.Address.Host} -p tcp --sport {link.FromBackend.Address.Port}";
        string share = link.Share < 1 ? FormattableString.Invariant($" -m statistic --mode random --probability {link.Share:F3}") : "";
        return $"{from}{share} -j DROP";
    }
}
