using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets;

/// <summary>A cluster with backends that can be broken: processes of this machine, or the containers of the Compose file.</summary>
public interface IChaosTarget : IAsyncDisposable
{
    /// <summary>processes or compose.</summary>
    string Name { get; }

    /// <summary>What the nodes' admin API wants.</summary>
    string Token { get; }

    /// <summary>Those that clients know, whether they live or not; replaced as a whole when it is scaled.</summary>
    IReadOnlyList<NodePlace> Nodes { get; }

    /// <summary>Those that should take sessions; replaced as a whole when it is scaled.</summary>
    IReadOnlyList<BackendPlace> Backends { get; }

    /// <summary>Which clients reach, all with the same backends; the first is "web".</summary>
    IReadOnlyList<PoolPlace> Pools { get; }

    /// <summary>A backend that stops and starts is still the same one to the nodes: they do not know it by an address that it may lose.</summary>
    bool BackendsKeepTheirNames { get; }

    /// <returns>Why this cannot be done here; null where it can.</returns>
    string? WhyNot(FaultKind kind);

    Task KillAsync(IReadOnlyCollection<NodePlace> nodes);

    /// <summary>Complete when they run, not when they are ready.</summary>
    Task StartAsync(IReadOnlyCollection<NodePlace> nodes);

    /// <summary>In good order; complete when the process has ended.</summary>
    Task StopAsync(NodePlace node);

    Task PauseAsync(NodePlace node);

    Task ResumeAsync(NodePlace node);

    /// <summary>Starts that many more. Clients know them from <see cref="MakeKnown"/> on.</summary>
    Task<IReadOnlyList<NodePlace>> AddNodesAsync(int count);

    void MakeKnown(IReadOnlyCollection<NodePlace> nodes);

    /// <summary>Stops the last ones in good order; clients may still try them until they have stopped.</summary>
    Task RemoveNodesAsync(int count);

    /// <summary>These packets are lost from now on, and no others.</summary>
    Task LoseAsync(IReadOnlyCollection<LostLink> links);

    /// <summary>Cut off from everything, or not any more. Its address may be another one afterwards.</summary>
    Task ConnectAsync(NodePlace node, bool connected);

    Task KillAsync(BackendPlace backend);

    Task StartAsync(BackendPlace backend);

    Task StopAsync(BackendPlace backend);

    Task PauseAsync(BackendPlace backend);

    Task ResumeAsync(BackendPlace backend);

    Task ScaleBackendsAsync(int count);

    /// <summary>Its file says this from now on, and it is told to read it again.</summary>
    Task ReloadAsync(NodePlace node, FileVariant variant);

    /// <summary>HOCON of a revision for all nodes that says this.</summary>
    Task<string> RevisionAsync(FileVariant variant);

    /// <summary>HOCON within actorlb that only one of the nodes could run; null where all of them can run the same.</summary>
    string? OnlyOneCanRun { get; }

    /// <summary>The files of the nodes' certificates, which a TLS listener of each shows; null where there is none.</summary>
    CertificateFiles? Certificates { get; }

    Task FillDiskAsync(NodePlace node, bool full);

    /// <summary>Starts it in a way that its clock can be set. That costs it a good deal of time: not for longer than needed.</summary>
    Task StartWithClockAsync(NodePlace node);

    /// <summary>The clock of a node that was started so is this far from ours from now on.</summary>
    Task SetClockAsync(NodePlace node, TimeSpan ahead);
}

/// <param name="Name">Unique in the run, and of the place rather than of the process that runs there.</param>
/// <param name="Secure">Its TLS listener, where it has one.</param>
public sealed record NodePlace(string Name, Uri Listener, Uri Admin, Uri? Secure = null);

/// <param name="Name">As the server calls itself.</param>
/// <param name="Id">Its id in the pool.</param>
public sealed record BackendPlace(string Name, string Id, Uri Address);

/// <summary>Packets that do not arrive at a node.</summary>
/// <param name="FromNode">From another node; null: from a backend.</param>
/// <param name="Share">Of the packets, 0 to 1.</param>
public sealed record LostLink(NodePlace To, NodePlace? FromNode, BackendPlace? FromBackend, double Share = 1);
