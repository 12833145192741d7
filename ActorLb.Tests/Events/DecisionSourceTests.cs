using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class DecisionSourceTests
{
    private static readonly BackendName Backend = new("web", "a");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly DecisionsTaken<OperatorDecision> _states = new();
    private readonly DecisionsTaken<RegisterChange> _registers = new();
    private readonly EventLog _log = new("n1", () => At, NullLogger.Instance);

    [Fact]
    public void Each_decision_is_told_with_who_asked_for_it_however_soon_another_follows()
    {
        _states.Add(new OperatorDecision(Backend, OperatorState.Maintenance, null, 1, "n1"), "mallory (10.0.0.1)");
        _states.Add(new OperatorDecision(Backend, OperatorState.Ready, null, 2, "n1"), "alice (10.0.0.2)");
        Assert.Equal([("operator.maintenance", "mallory (10.0.0.1)"), ("operator.ready", "alice (10.0.0.2)")], Told());
        Assert.Empty(Told());
    }

    [Fact]
    public void What_replaced_what_says_what_was_decided()
    {
        BackendRegister added = Register(1) with { Address = new Uri("http://10.0.0.9:8080") };
        BackendRegister weighed = added with { Version = 2, Weight = 5 };
        BackendRegister removed = weighed with { Version = 3, Removal = new BackendRemoval(At, null, null, 3, "n1") };
        BackendRegister again = weighed with { Version = 4 };
        foreach ((BackendRegister? before, BackendRegister? after) in new[] { (null, added), (added, weighed), (weighed, removed), (removed, again), (again, null), ((BackendRegister?)null, Register(1)), (Register(1) with { Weight = 7 }, null) })
        {
            _registers.Add(new RegisterChange(Backend, before, after), null);
        }

        Assert.Equal(["operator.added", "operator.weight", "operator.removed", "operator.added", "operator.reset", "operator.reset", "operator.reset"], Told().Select(t => t.Kind));
        Assert.Contains("added at run time", _log.All().Events[4].Text, StringComparison.Ordinal);
        Assert.EndsWith("web/a has the weight again that is written", _log.All().Events[6].Text, StringComparison.Ordinal);
        Assert.All(_log.All().Events, e => Assert.Null(e.Who));
    }

    [Fact]
    public void Those_that_nobody_tells_are_bounded()
    {
        for (int i = 0; i <= DecisionsTaken<OperatorDecision>.Max; i++)
        {
            _states.Add(new OperatorDecision(Backend, OperatorState.Ready, null, i, "n1"), null);
        }

        Assert.Equal(DecisionsTaken<OperatorDecision>.Max, Told().Length);
        Assert.Contains("\"version\":1}", _log.All().Events[0].Data, StringComparison.Ordinal);
    }

    private static BackendRegister Register(long version) => new(Backend, version, "n1", At);

    private (string Kind, string? Who)[] Told()
    {
        int before = _log.All().Events.Length;
        new DecisionSource(_states, _registers).Look(_log);
        return [.. _log.All().Events.Skip(before).Select(e => (EventKinds.Of(e.Kind).Name, e.Who))];
    }
}
