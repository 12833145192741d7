using System.Collections.Concurrent;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;

namespace ActorLb.Node.Traffic;

/// <summary>
/// What the other nodes have open at backends, as they last said it; what one said too long ago does not count. Any thread;
/// outlives a restart of the control plane.
/// </summary>
internal sealed class ClusterTraffic(TimeProvider time)
{
    /// <summary>Five reports: fewer may be lost, and a node that is gone is known by then.</summary>
    private static readonly TimeSpan ReportsLast = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Report> _byNode = new();
    private long _changedAt = long.MinValue;

    /// <summary>Requests and tunnels at a backend from all other nodes that report.</summary>
    public (int InFlight, int Tunnels) At(BackendName backend)
    {
        (int InFlight, int Tunnels) sum = default;
        foreach (Report report in _byNode.Values)
        {
            if (Counts(report) && report.Open.TryGetValue(backend, out OpenAtBackend? open))
            {
                sum.InFlight += open.InFlight;
                sum.Tunnels += open.Tunnels;
            }
        }

        return sum;
    }

    /// <summary>Whether what a node has open is counted.</summary>
    public bool Reports(string node) => _byNode.TryGetValue(node, out Report? report) && Counts(report);

    /// <summary>The fingerprint of what is in force at a node; null where it does not tell, is silent, or has not told since this node's own changed.</summary>
    public uint? ConfigurationOf(string node) =>
        _byNode.TryGetValue(node, out Report? report) && Counts(report) && report.At >= Interlocked.Read(ref _changedAt) ? report.Configuration : null;

    /// <summary>How a drain stands at a node, as it last said; null where it has not, or is silent.</summary>
    public DrainAtNode? DrainAt(string node, BackendName backend) =>
        _byNode.TryGetValue(node, out Report? report) && Counts(report) ? report.Drains.GetValueOrDefault(backend) : null;

    /// <summary>What is in force at this node is another configuration: what others said before was about the one before.</summary>
    internal void ConfigurationChanged() => Interlocked.Exchange(ref _changedAt, time.GetTimestamp());

    internal void Take(TrafficReported reported)
    {
        // A backend that is named twice is no report of ours: the last one counts.
        var open = new Dictionary<BackendName, OpenAtBackend>();
        foreach (OpenAtBackend at in reported.Open)
        {
            open[at.Backend] = at;
        }

        var drains = new Dictionary<BackendName, DrainAtNode>();
        foreach (DrainAtNode drain in reported.Drains)
        {
            drains[drain.Backend] = drain;
        }

        _byNode[reported.Node] = new Report(open, drains, reported.Configuration, time.GetTimestamp());
    }

    /// <summary>Forgets nodes that are gone.</summary>
    internal void Keep(IReadOnlySet<string> nodes)
    {
        foreach (string node in _byNode.Keys.Where(n => !nodes.Contains(n)))
        {
            _byNode.TryRemove(node, out _);
        }
    }

    private bool Counts(Report report) => time.GetElapsedTime(report.At) < ReportsLast;

    private sealed record Report(
        Dictionary<BackendName, OpenAtBackend> Open, Dictionary<BackendName, DrainAtNode> Drains, uint? Configuration, long At);
}
