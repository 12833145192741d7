using System.Collections.Immutable;
using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Compose;

/// <summary>
/// The containers of the Compose file in the current directory. Clients talk to the containers' own addresses, as the
/// published ports are a proxy's.
/// </summary>
internal sealed class ComposeTarget : IChaosTarget
{
    private const string Balancer = "lb";
    private const string Server = "web";

    private readonly ContainerFirewall _firewall;
    private readonly string _written;
    private readonly string _folder;
    private ImmutableList<Container> _nodes = [];
    private ImmutableList<Container> _backends = [];
    private ImmutableList<NodePlace> _nodePlaces = [];
    private ImmutableList<BackendPlace> _backendPlaces = [];

    /// <param name="written">The file of the nodes, which all have.</param>
    /// <param name="folder">Where the containers' logs are kept.</param>
    private ComposeTarget(ContainerFirewall firewall, string written, string folder)
    {
        _firewall = firewall;
        _written = written;
        _folder = folder;
    }

    public string Name => "compose";

    public bool BackendsKeepTheirNames => false;

    /// <summary>What the Compose file gives the admin API, by the environment or by a file that it makes.</summary>
    public string Token { get; private set; } = "";

    public CertificateFiles? Certificates => null;

    public string? OnlyOneCanRun => null;

    public IReadOnlyList<NodePlace> Nodes => _nodePlaces;

    public IReadOnlyList<BackendPlace> Backends => _backendPlaces;

    public IReadOnlyList<PoolPlace> Pools { get; } = [new("web", SessionCarrier.Cookie)];

    /// <summary>Builds and starts them.</summary>
    /// <param name="folder">Gets their logs at the end, as containers.log.</param>
    /// <exception cref="InvalidOperationException">There is no Docker Engine, or the containers do not become healthy.</exception>
    public static async Task<ComposeTarget> StartAsync(string folder, int nodes, int backends, CancellationToken stops)
    {
        await DownAsync();
        try
        {
            await UpAsync(nodes, backends, "--build", "--wait");
            return await OfRunningAsync(folder, stops);
        }
        catch (Exception)
        {
            await KeepLogsAsync(folder);
            await DownAsync();
            throw;
        }
    }

    private static async Task<ComposeTarget> OfRunningAsync(string folder, CancellationToken stops)
    {
        stops.ThrowIfCancellationRequested();
        var target = new ComposeTarget(await ContainerFirewall.CreateAsync(), await InsideAsync("/etc/actorlb/actorlb.conf"), folder);
        await target.ListAsync();
        target.Token = Environment.GetEnvironmentVariable("ACTORLB_ADMIN_TOKEN") is { Length: > 0 } given
            ? given
            : (await InsideAsync("/secrets/admin-token")).Trim();
        target._nodes = [.. await Container.ListAsync(Balancer)];
        target._nodePlaces = [.. target._nodes.Select(PlaceOf)];
        return target;
    }

    public string? WhyNot(FaultKind kind) => kind switch
    {
        FaultKind.CutPair or FaultKind.CutSides or FaultKind.FlapSides or FaultKind.CutOneWay or FaultKind.LosePackets or FaultKind.CutBackend or FaultKind.LoseBackend
            => _firewall.WhyNot,
        FaultKind.FullDisk => "the nodes share a volume of the engine's disk",
        FaultKind.ClockJump => "containers have no clock of their own",
        FaultKind.Reload or FaultKind.BadReload => "the nodes' file is part of their image",
        _ => null,
    };

    public Task KillAsync(IReadOnlyCollection<NodePlace> nodes) => DockerAsync("kill", nodes.Select(IdOf));

    public async Task StartAsync(IReadOnlyCollection<NodePlace> nodes)
    {
        await DockerAsync("start", nodes.Select(IdOf));
        await RefreshAsync(nodes);
    }

    public Task StopAsync(NodePlace node) => DockerAsync("stop", [IdOf(node)]);

    public Task PauseAsync(NodePlace node) => DockerAsync("pause", [IdOf(node)]);

    public Task ResumeAsync(NodePlace node) => DockerAsync("unpause", [IdOf(node)]);

    public async Task<IReadOnlyList<NodePlace>> AddNodesAsync(int count)
    {
        await UpAsync(_nodes.Count + count, _backends.Count, "--no-recreate", "--detach");
        Container[] added = [.. (await Container.ListAsync(Balancer)).Where(c => _nodes.All(n => n.Id != c.Id))];
        _nodes = _nodes.AddRange(added);
        return [.. added.Select(PlaceOf)];
    }

    public void MakeKnown(IReadOnlyCollection<NodePlace> nodes) => _nodePlaces = _nodePlaces.AddRange(nodes);

    public async Task RemoveNodesAsync(int count)
    {
        await UpAsync(_nodes.Count - count, _backends.Count, "--no-recreate", "--detach");
        Container[] left = await Container.ListAsync(Balancer);
        _nodes = [.. _nodes.Where(n => left.Any(l => l.Id == n.Id))];
        _nodePlaces = [.. _nodePlaces.Where(p => _nodes.Any(n => n.Name == p.Name))];
    }

    public Task LoseAsync(IReadOnlyCollection<LostLink> links) => ContainerFirewall.SetAsync(
        _nodes,
        links.ToLookup(l => l.To.Name, l => new LostPackets(l.FromNode?.Listener.Host ?? l.FromBackend!.Address.Host, l.Share)));

    public async Task ConnectAsync(NodePlace node, bool connected)
    {
        string network = $"{await ProjectAsync()}_default";
        if (!connected)
        {
            await ChildProcess.RunAsync("docker", "network", "disconnect", network, IdOf(node));
            return;
        }

        // Without the alias the service's name no longer leads to it.
        await ChildProcess.RunAsync("docker", "network", "connect", "--alias", Balancer, network, IdOf(node));
        await RefreshAsync([node]);
    }

    public Task KillAsync(BackendPlace backend) => DockerAsync("kill", [IdOf(backend)]);

    public async Task StartAsync(BackendPlace backend)
    {
        await DockerAsync("start", [IdOf(backend)]);
        await ListAsync();
    }

    public Task StopAsync(BackendPlace backend) => DockerAsync("stop", [IdOf(backend)]);

    public Task PauseAsync(BackendPlace backend) => DockerAsync("pause", [IdOf(backend)]);

    public Task ResumeAsync(BackendPlace backend) => DockerAsync("unpause", [IdOf(backend)]);

    public async Task ScaleBackendsAsync(int count)
    {
        await UpAsync(_nodes.Count, count, "--no-recreate", "--detach");
        await ListAsync();
    }

    /// <summary>What is in force, and over it what is to be another. All nodes listen at the same address of their own.</summary>
    public Task<string> RevisionAsync(FileVariant variant)
    {
        string more = variant.OneMore ? $$""", { id = "one-more", address = "http://127.0.0.1:9999" }""" : "";
        return Task.FromResult($$"""
            #file: actorlb.conf
            {{_written}}
            #file: change.conf
            actorlb {
              limits { idle-timeout = {{variant.IdleSeconds}}s }
              pools { web { backends = [ { address = "dns://{{Server}}:8080", weight = {{variant.Weight}} }{{more}} ] } }
              {{variant.Mistake}}
            }
            """);
    }

    public Task ReloadAsync(NodePlace node, FileVariant variant) => throw new NotSupportedException();

    public Task FillDiskAsync(NodePlace node, bool full) => throw new NotSupportedException();

    public Task StartWithClockAsync(NodePlace node) => throw new NotSupportedException();

    public Task SetClockAsync(NodePlace node, TimeSpan ahead) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        await KeepLogsAsync(_folder);
        await DownAsync();
    }

    private static async Task DownAsync() => await ChildProcess.RunAsync("docker", "compose", "down", "-v", "--remove-orphans");

    // A run that did not hold is looked into by them, and they go with the containers.
    private static async Task KeepLogsAsync(string folder)
    {
        (_, string containers, _) = await ChildProcess.EndAsync("docker", "compose", "ps", "--all", "--no-trunc");
        (_, string logs, string complaints) = await ChildProcess.EndAsync("docker", "compose", "logs", "--no-color", "--timestamps");
        await File.WriteAllTextAsync(Path.Combine(folder, "containers.log"), containers + complaints + logs);
    }

    private static async Task UpAsync(int nodes, int backends, params string[] how) =>
        await ChildProcess.RunAsync("docker", ["compose", "up", .. how, "--scale", $"{Balancer}={nodes}", "--scale", $"{Server}={backends}"]);

    private static Task<string> InsideAsync(string file) => ChildProcess.RunAsync("docker", "compose", "exec", "-T", Balancer, "cat", file);

    private static async Task DockerAsync(string what, IEnumerable<string> ids) => await ChildProcess.RunAsync("docker", [what, .. ids]);

    private static NodePlace PlaceOf(Container container) =>
        new(container.Name, new Uri($"http://{container.Address}:8080"), new Uri($"http://{container.Address}:8090"));

    private static async Task<string> ProjectAsync()
    {
        using JsonDocument config = JsonDocument.Parse(await ChildProcess.RunAsync("docker", "compose", "config", "--format", "json"));
        return config.RootElement.GetProperty("name").GetString()!;
    }

    private string IdOf(NodePlace node) => _nodes.Single(n => n.Name == node.Name).Id;

    private string IdOf(BackendPlace backend) => _backends.Single(b => b.Id.StartsWith(backend.Name, StringComparison.Ordinal)).Id;

    // A container may get another address whenever it is connected or started.
    private async Task RefreshAsync(IEnumerable<NodePlace> nodes)
    {
        Container[] now = await Container.ListAsync(Balancer);
        _nodes = [.. _nodes.Select(n => now.FirstOrDefault(c => c.Id == n.Id) ?? n)];
        foreach (NodePlace node in nodes)
        {
            NodePlace place = PlaceOf(_nodes.Single(n => n.Name == node.Name));
            _nodePlaces = [.. _nodePlaces.Select(p => p.Name == node.Name ? place : p)];
        }
    }

    // The sample backend calls itself by its container's host name, which is the beginning of its id.
    private async Task ListAsync()
    {
        _backends = [.. await Container.ListAsync(Server)];
        _backendPlaces = [.. _backends.Select(b => new BackendPlace(b.Id[..12], $"{b.Address}:8080", new Uri($"http://{b.Address}:8080")))];
    }
}
