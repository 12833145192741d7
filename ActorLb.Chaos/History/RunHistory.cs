using System.Collections.Immutable;

namespace ActorLb.Chaos.History;

/// <summary>All that was seen in one run; what the checker judges.</summary>
public sealed record RunHistory
{
    public required RunFacts Facts { get; init; }

    /// <summary>In the order in which they were sent.</summary>
    public required ImmutableArray<Attempt> Attempts { get; init; }

    /// <summary>Requests whose clients left before they ended: nobody knows what came of them, and balancers may have seen them.</summary>
    public ImmutableArray<Attempt> Abandoned { get; init; } = [];

    /// <summary>In the order in which they struck.</summary>
    public required ImmutableArray<FaultSpan> Faults { get; init; }

    /// <summary>Changes only, in the order in which they were seen.</summary>
    public required ImmutableArray<NodeReport> Reports { get; init; }

    /// <summary>The backends that take sessions, from each moment on.</summary>
    public required ImmutableArray<BackendSet> Backends { get; init; }

    /// <summary>WebSockets, in the order in which they were opened.</summary>
    public ImmutableArray<Tunnel> Tunnels { get; init; } = [];

    /// <summary>In the order in which they were asked for.</summary>
    public ImmutableArray<Change> Changes { get; init; } = [];

    /// <summary>What went wrong beyond requests: a fault that could not be taken back, a cluster that did not come back.</summary>
    public ImmutableArray<string> Complaints { get; init; } = [];

    /// <summary>Everything that a balancer may have seen.</summary>
    public IEnumerable<Attempt> Sent => Attempts.Concat(Abandoned);

    /// <summary>The times without any fault, each with those that were whole at its beginning.</summary>
    public IEnumerable<(double From, double Until)> QuietTimes(double settle) => QuietTimes(settle, _ => settle);

    /// <summary>The same, where some faults take longer to be over than others.</summary>
    public IEnumerable<(double From, double Until)> QuietTimes(double settle, Func<FaultSpan, double> settleAfter)
    {
        double from = settle;
        foreach (FaultSpan fault in Faults)
        {
            if (fault.At > from)
            {
                yield return (from, fault.At);
            }

            from = Math.Max(from, fault.Until + settleAfter(fault));
        }

        if (from < Facts.Seconds)
        {
            yield return (from, Facts.Seconds);
        }
    }
}

/// <param name="Target">processes or compose.</param>
/// <param name="BeganAt">UTC.</param>
/// <param name="Seconds">How long it ran.</param>
public sealed record RunFacts(string Target, int Seed, int Nodes, int Backends, int Browsers, int Tabs, DateTimeOffset BeganAt, double Seconds);

/// <param name="Names">As the servers call themselves, in order.</param>
public sealed record BackendSet(double At, ImmutableArray<string> Names);
