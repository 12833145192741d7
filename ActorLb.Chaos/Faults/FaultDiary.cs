using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Writes down one fault while it happens. Who causes an effect notes its beginning before, and its end after it.</summary>
internal sealed class FaultDiary(HistoryRecorder recorder, int number, FaultKind kind)
{
    private readonly Lock _lock = new();
    private FaultSpan? _span;

    public FaultSpan Span => _span ?? throw new InvalidOperationException("the fault has not begun");

    /// <param name="who">Who is hit, and how.</param>
    public void Begin(string who, params IReadOnlyCollection<BackendPlace> backends)
    {
        _span = new FaultSpan
        {
            Number = number,
            Kind = kind,
            Detail = $"{kind.Word()} {who}".TrimEnd(),
            At = recorder.Now,
            Backends = [.. backends.Select(b => b.Name)],
        };
        recorder.Put(_span);
    }

    /// <summary>This node alone does not reach the backends.</summary>
    public void CutFrom(NodePlace node) => Change(s => s with { CutFrom = [node.Name] });

    /// <summary>Asks for a change, and writes down what came of it.</summary>
    /// <param name="ask">What the answer says; its fault, times and words are set here.</param>
    public async Task<Change> ChangeAsync(string what, Func<Task<Change>> ask)
    {
        double asked = recorder.Now;
        Change change = await ask();
        change = change with { Fault = number, Kind = kind, What = what, Asked = asked, Answered = recorder.Now };
        recorder.Add(change);
        return change;
    }

    /// <summary>Something that must not be, beyond requests.</summary>
    public void Complain(string what) => recorder.Complain(what);

    public void Struck() => Change(s => s with { StruckAt = recorder.Now });

    public void Away(NodePlace node, bool gracefully = false) =>
        Change(s => s with { Away = s.Away.Add(new Absence(node.Name, recorder.Now, null, gracefully)) });

    public void Back(NodePlace node) => Change(s => s with
    {
        Away = [.. s.Away.Select(a => a.Node == node.Name && a.Until is null ? a with { Until = recorder.Now } : a)],
    });

    public void Started() => Change(s => s with { StartedAt = recorder.Now });

    public void Heal() => Change(s => s with { HealedAt = recorder.Now });

    public void MarkedDown(double at) => Change(s => s with { MarkedDownAt = at });

    public void Added(IEnumerable<BackendPlace> backends) => Change(s => s with
    {
        AddedAt = recorder.Now,
        NewBackends = [.. backends.Select(b => b.Name)],
        Backends = [.. backends.Select(b => b.Name)],
    });

    public void Converged(double? oneCluster, double? equal, double? whole) =>
        Change(s => s with { OneClusterAt = oneCluster, EqualAt = equal, WholeAt = whole });

    private void Change(Func<FaultSpan, FaultSpan> change)
    {
        lock (_lock)
        {
            _span = change(Span);
            recorder.Put(_span);
        }
    }
}
