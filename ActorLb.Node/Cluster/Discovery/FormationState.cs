using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>What a node that is in no cluster does next.</summary>
/// <param name="Join">Members to join through; empty where there are none.</param>
/// <param name="Forms">It forms the cluster.</param>
public readonly record struct FormationStep(ImmutableArray<HostPort> Join, bool Forms)
{
    public static readonly FormationStep Wait = new([], false);
}

/// <summary>
/// How a node finds its cluster. It asks every address that it knows; no address is special. Where one of them is in a
/// cluster, it joins that. Where none is, the lowest of those that look forms one: at once when all have answered,
/// otherwise after form-after. Two that form apart (each alone on its side) are brought together by healing. Pure.
/// </summary>
public sealed class FormationState
{
    private readonly HostPort _self;
    private readonly ImmutableHashSet<HostPort> _others;
    private readonly DateTimeOffset _formAt;
    private readonly ImmutableDictionary<HostPort, ClusterReport> _reports;

    private FormationState(
        HostPort self,
        ImmutableHashSet<HostPort> others,
        DateTimeOffset formAt,
        ImmutableDictionary<HostPort, ClusterReport> reports)
    {
        _self = self;
        _others = others;
        _formAt = formAt;
        _reports = reports;
    }

    /// <summary>Whom to ask.</summary>
    public IReadOnlyCollection<HostPort> Others => _others;

    /// <param name="addresses">With or without this node's own.</param>
    public static FormationState Of(HostPort self, IEnumerable<HostPort> addresses, DateTimeOffset now, TimeSpan formAfter) =>
        new(self, [.. addresses.Where(a => a != self)], now + formAfter, ImmutableDictionary<HostPort, ClusterReport>.Empty);

    /// <summary>A node told of itself, asked or not.</summary>
    public FormationState Heard(ClusterReport report) => report.Address == _self
        ? this
        : new(_self, _others.Add(report.Address), _formAt, _reports.SetItem(report.Address, report));

    /// <summary>Who did not answer is not there, until it does.</summary>
    public FormationState Silent(HostPort address) => new(_self, _others, _formAt, _reports.Remove(address));

    public FormationStep Next(DateTimeOffset now)
    {
        ClusterView? best = null;
        foreach (ClusterReport report in _reports.Values)
        {
            if (report.Standing == Standing.Member && !Through(report.View).IsEmpty && (best is null || report.View.Beats(best)))
            {
                best = report.View;
            }
        }

        if (best is not null)
        {
            return new FormationStep(Through(best), false);
        }

        // Who joins or forms is a member in a moment, and then this node joins it; or it looks again.
        if (_reports.Values.Any(r => r.Standing == Standing.Joining))
        {
            return FormationStep.Wait;
        }

        bool lowest = _reports.Values.All(r => AddressOrder.Instance.Compare(_self, r.Address) < 0);
        bool allLook = _others.All(_reports.ContainsKey);
        return lowest && (allLook || now >= _formAt) ? new FormationStep([], true) : FormationStep.Wait;
    }

    // A cluster that has not noticed yet that the node at this address died may still count it.
    private ImmutableArray<HostPort> Through(ClusterView view) => [.. view.Members.Select(m => m.Address).Where(a => a != _self)];
}
