using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Targets;

/// <summary>Asks the admin API of every node what it sees, again and again, and tells when something has come about.</summary>
internal sealed class ClusterWatch : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WaitingPace = TimeSpan.FromMilliseconds(50);

    private readonly HistoryRecorder _recorder;
    private readonly IChaosTarget _target;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, NodeReport?> _now = [];

    public ClusterWatch(HistoryRecorder recorder, IChaosTarget target)
    {
        _recorder = recorder;
        _target = target;

        // A pause or a cut leaves connections that nobody answers on: a new question, a new connection.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(1) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
    }

    /// <summary>Records what every node says until the run is over.</summary>
    public async Task RunAsync(CancellationToken ends)
    {
        try
        {
            while (true)
            {
                await LookAsync(ends);
                await Task.Delay(Pace, ends);
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    /// <summary>True where all nodes are in one cluster and see no others in it.</summary>
    public bool IsOneCluster()
    {
        NodeReport?[] reports = Reports();
        return Array.TrueForAll(reports, r => r is { Others: 0 } && r.Members.Length == reports.Length && r.Members.AsSpan().SequenceEqual(reports[0]!.Members.AsSpan()));
    }

    /// <summary>True where every node counts the same sessions on every backend.</summary>
    public bool CountsAreEqual() =>
        Reports() is var reports && Array.TrueForAll(reports, r => r is not null)
        && reports.Select(r => string.Join(' ', r!.Backends.Select(b => $"{b.Pool}/{b.Id}={b.Sessions}").Order(StringComparer.Ordinal))).Distinct().Count() == 1;

    /// <summary>True where every node that answers has these backends marked down.</summary>
    public bool AreMarkedDown(IReadOnlyCollection<string> names, IReadOnlyCollection<string> notAsked)
    {
        string[] ids = [.. _target.Backends.Where(b => names.Contains(b.Name)).Select(b => b.Id)];
        return _target.Nodes.Where(n => !notAsked.Contains(n.Name)).All(n => _now.GetValueOrDefault(n.Name) is { } report
            && ids.All(id => !report.Backends.Any(b => b.Id == id && b.State == "up")));
    }

    /// <summary>True where every node has all backends that should be there, up and ready, and no others that are.</summary>
    public bool BackendsAreUp() => _target.Nodes.All(n => BackendsAreUp(n.Name));

    /// <summary>The same for one node.</summary>
    public bool BackendsAreUp(string node) => _now.GetValueOrDefault(node) is { } report && _target.Pools.All(p => report.Backends
        .Where(b => b is { State: "up", Operator: "ready" } && b.Pool == p.Name)
        .Select(b => b.Id)
        .Order(StringComparer.Ordinal)
        .SequenceEqual(_target.Backends.Select(b => b.Id).Order(StringComparer.Ordinal)));

    /// <summary>True where every node takes traffic and sends it to all backends.</summary>
    public async Task<bool> CircuitsAreClosedAsync()
    {
        string?[] metrics = await Task.WhenAll(_target.Nodes.Select(n => TextAsync(new Uri(n.Admin, "/metrics"))));
        return metrics.All(m => m is not null && m.Contains("actorlb_node_ready 1", StringComparison.Ordinal)
            && !m.Split('\n').Any(l => l.StartsWith("actorlb_backend_circuit_open{", StringComparison.Ordinal) && l.EndsWith(" 1", StringComparison.Ordinal)
                && _target.Backends.Any(b => l.Contains($"backend=\"{b.Id}\"", StringComparison.Ordinal))));
    }

    /// <summary>True once it has opened its listeners.</summary>
    public async Task<bool> IsReadyAsync(NodePlace node) => await TextAsync(new Uri(node.Admin, "/readyz")) is not null;

    /// <summary>How a node stands to its files; null where it does not answer.</summary>
    public async Task<StatusDocument.Files?> FilesAsync(NodePlace node) => await TextAsync(new Uri(node.Admin, "/api/v1/status")) is { } text
        ? JsonSerializer.Deserialize<StatusDocument>(text, AdminJson.Written)?.Configuration
        : null;

    /// <summary>What every node runs; without those that do not answer.</summary>
    public async Task<ImmutableArray<NodeStanding>> StandingsAsync() => [.. (await Task.WhenAll(_target.Nodes.Select(StandingAsync))).OfType<NodeStanding>()];

    /// <summary>True where every node answers, and all run the same revision, or their files.</summary>
    public async Task<bool> RunTheSameAsync() =>
        await StandingsAsync() is var all && all.Length == _target.Nodes.Count && all.DistinctBy(s => (s.Fingerprint, s.Revision)).Count() == 1;

    /// <summary>True where all other nodes say that this one runs something else than they do, or the same.</summary>
    public bool AllSay(NodePlace node, bool differs) => _now.GetValueOrDefault(node.Name)?.Drift?.Called is { } called
        && _target.Nodes.Where(n => n != node).All(n => _now.GetValueOrDefault(n.Name)?.Drift is { } drift && (differs ? drift.Differing : drift.Alike).Contains(called));

    /// <returns>When it was first seen true; null where the time ran out.</returns>
    public async Task<double?> WhenAsync(Func<Task<bool>> condition, TimeSpan atMost)
    {
        double from = _recorder.Now;
        while (_recorder.Now - from < atMost.TotalSeconds)
        {
            if (await condition())
            {
                return _recorder.Now;
            }

            await Task.Delay(WaitingPace);
        }

        return null;
    }

    /// <summary>Asks all nodes at once.</summary>
    public Task LookAsync(CancellationToken cancellation) => Task.WhenAll(_target.Nodes.Select(n => LookAsync(n, cancellation)));

    public string Describe() => string.Join("; ", _target.Nodes.Select(n => _now.GetValueOrDefault(n.Name) is { } r
        ? $"{n.Name} sees {r.Members.Length} nodes, {r.Others} unwell, and {string.Join(' ', r.Backends.Select(b => $"{b.Pool}/{b.Id}:{b.State}:{b.Operator}:{b.Sessions}"))}"
        : $"{n.Name} does not answer"));

    public void Dispose() => _http.Dispose();

    private NodeReport?[] Reports() => [.. _target.Nodes.Select(n => _now.GetValueOrDefault(n.Name))];

    private async Task LookAsync(NodePlace node, CancellationToken cancellation)
    {
        double askedAt = _recorder.Now;
        StatusDocument? status = await TextAsync(new Uri(node.Admin, "/api/v1/status")) is { } text
            ? JsonSerializer.Deserialize<StatusDocument>(text, AdminJson.Written)
            : null;
        cancellation.ThrowIfCancellationRequested();
        if (status is null)
        {
            _now[node.Name] = null;
            return;
        }

        var report = new NodeReport(
            _recorder.Now,
            node.Name,
            [.. status.Members.Where(m => m is { Status: "up", Reachable: true }).Select(m => m.Address).Order(StringComparer.Ordinal)],
            status.Members.Count(m => m is not { Status: "up", Reachable: true }),
            [.. status.Pools.SelectMany(p => p.Backends, (p, b) => new BackendReport(string.Intern(p.Name), string.Intern(b.Id), b.State, b.Operator, b.Sessions))],
            status.Sessions.Count)
        {
            AskedAt = askedAt,
            Drift = DriftOf(status),
        };
        _now[node.Name] = report;
        _recorder.Add(report);
    }

    // A node that takes a second once is not away: what it runs would be missing from what is compared.
    private async Task<NodeStanding?> StandingAsync(NodePlace node)
    {
        var address = new Uri(node.Admin, "/api/v1/status");
        StatusDocument? status = (await TextAsync(address) ?? await TextAsync(address)) is { } text
            ? JsonSerializer.Deserialize<StatusDocument>(text, AdminJson.Written)
            : null;
        return status?.Configuration is not { } configuration ? null : new NodeStanding(
            node.Name,
            configuration.Fingerprint,
            status.Revision is { } r ? $"{r.Number}@{r.Node}{(r.Release ? ", the files" : "")}{(r.Problem is null ? "" : $", {r.Problem}")}" : null);
    }

    private static NodeDrift? DriftOf(StatusDocument status)
    {
        if (status.Configuration is not { } configuration)
        {
            return null;
        }

        StatusDocument.Member[] others = [.. status.Members.Where(m => m.Name != status.Node && m is { Status: "up", Reachable: true, Configuration: not null })];
        return new NodeDrift(
            status.Node,
            configuration.Fingerprint,
            [.. others.Where(m => !m.ConfigurationDiffers).Select(m => m.Name).Order(StringComparer.Ordinal)],
            [.. others.Where(m => m.ConfigurationDiffers).Select(m => m.Name).Order(StringComparer.Ordinal)]);
    }

    private async Task<string?> TextAsync(Uri address)
    {
        try
        {
            return await _http.GetStringAsync(address);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
