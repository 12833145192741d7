using System.Collections.Immutable;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>What a node that is in no cluster does next.</summary>
/// <param name="Join">Members to join through; empty where there are none.</param>
/// <param name="Forms">It forms the cluster.</param>
internal readonly record struct FormationStep(ImmutableArray<HostPort> Join, bool Forms)
{
    public static readonly FormationStep Wait = new([], false);
}

/// <summary>
/// How a node finds its cluster. It asks every address that it knows; no address is special. Where one of them is in a
/// cluster whose members all answer, it joins the best such one as soon as all were asked once. Where none is, the lowest of those that look forms one: at once when
/// all have answered, otherwise after form-after. A member that does not answer has died, and is soon no member any more,
/// or the link to it is broken: who joins all the same would only be taken out again, so after part-after such a cluster
/// counts as none. Two that form apart (each alone on its side) are brought together by healing. Pure.
/// </summary>
internal sealed class FormationState
{
    private readonly HostPort _self;
    private readonly ImmutableHashSet<HostPort> _others;
    private readonly DateTimeOffset _formAt;
    private readonly DateTimeOffset _partAt;
    private readonly ImmutableDictionary<HostPort, ClusterReport> _reports;
    private readonly ImmutableHashSet<HostPort> _silent;
    private readonly int _required;
    private readonly bool _complete;

    private FormationState(
        HostPort self,
        ImmutableHashSet<HostPort> others,
        DateTimeOffset formAt,
        DateTimeOffset partAt,
        ImmutableDictionary<HostPort, ClusterReport> reports,
        ImmutableHashSet<HostPort> silent,
        int required,
        bool complete)
    {
        _self = self;
        _others = others;
        _formAt = formAt;
        _partAt = partAt;
        _reports = reports;
        _silent = silent;
        _required = required;
        _complete = complete;
    }

    /// <summary>Whom to ask.</summary>
    public IReadOnlyCollection<HostPort> Others => _others;

    /// <param name="addresses">With or without this node's own.</param>
    /// <param name="partAfter">Longer than a cluster takes to remove a member that died.</param>
    public static FormationState Of(
        HostPort self, IEnumerable<HostPort> addresses, DateTimeOffset now, TimeSpan formAfter, TimeSpan partAfter) =>
        new(self, [.. addresses.Where(a => a != self)], now + formAfter, now + partAfter, ImmutableDictionary<HostPort, ClusterReport>.Empty, [], 1, true);

    /// <summary>The same where the addresses are still being looked up, and so many nodes must look before one forms a cluster.</summary>
    public FormationState Named(int required) => With(_others, _reports, _silent, required, complete: false);

    /// <summary>The addresses were looked up.</summary>
    public FormationState Found(IEnumerable<HostPort> addresses) =>
        With(_others.Union(addresses.Where(a => a != _self)), _reports, _silent, _required, complete: true);

    /// <summary>A node told of itself, asked or not.</summary>
    public FormationState Heard(ClusterReport report) => report.Address == _self
        ? this
        : With(
            _others.Add(report.Address).Union(Through(report.View)),
            _reports.SetItem(report.Address, report),
            _silent.Remove(report.Address),
            _required,
            _complete);

    /// <summary>Who did not answer is not there, until it does.</summary>
    public FormationState Silent(HostPort address) =>
        With(_others, _reports.Remove(address), _silent.Add(address), _required, _complete);

    public FormationStep Next(DateTimeOffset now)
    {
        ClusterView? best = null;
        ClusterView? bestInPart = null;
        foreach (ClusterView view in _reports.Values.Where(r => r.Standing == Standing.Member && !Through(r.View).IsEmpty).Select(r => r.View))
        {
            ref ClusterView? other = ref best;
            if (!Through(view).All(_reports.ContainsKey))
            {
                other = ref bestInPart;
            }

            other = other is null || view.Beats(other) ? view : other;
        }

        if (best is not null)
        {
            // The first to answer may be in the worse of two clusters.
            bool isSettled = _complete && _others.All(o => _reports.ContainsKey(o) || _silent.Contains(o)) && bestInPart?.Beats(best) != true;
            return isSettled || now >= _formAt ? new FormationStep(Through(best), false) : FormationStep.Wait;
        }

        // Who joins or forms is a member in a moment, and then this node joins it; or it looks again.
        if (_reports.Values.Any(r => r.Standing == Standing.Joining))
        {
            return FormationStep.Wait;
        }

        bool lowest = _reports.Values.All(r => r.Standing == Standing.Member || AddressOrder.Instance.Compare(_self, r.Address) < 0);
        bool allLook = _complete && _others.All(_reports.ContainsKey);
        bool isEnough = 1 + _reports.Values.Count(r => r.Standing == Standing.Looking) >= _required;
        return lowest && isEnough && (allLook || now >= (bestInPart is null ? _formAt : _partAt)) ? new FormationStep([], true) : FormationStep.Wait;
    }

    private FormationState With(
        ImmutableHashSet<HostPort> others,
        ImmutableDictionary<HostPort, ClusterReport> reports,
        ImmutableHashSet<HostPort> silent,
        int required,
        bool complete) =>
        new(_self, others, _formAt, _partAt, reports, silent, required, complete);

    // A cluster that has not noticed yet that the node at this address died may still count it.
    private ImmutableArray<HostPort> Through(ClusterView view) => [.. view.Members.Select(m => m.Address).Where(a => a != _self)];
}
