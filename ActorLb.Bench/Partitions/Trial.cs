using System.Collections.Concurrent;
using ActorLb.Bench.Lab;
using ActorLb.Node.Admin;

namespace ActorLb.Bench.Partitions;

/// <summary>One cut from its beginning until all is equal again, with clients on every side, and the judgement of it.</summary>
internal sealed class Trial
{
    private const int SharedSessions = 60;

    /// <summary>How long one cluster and equal counts must last to be believed.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    private readonly Laboratory _laboratory;
    private readonly TrialPlan _plan;
    private readonly double _secondsMax;
    private readonly Random _random;
    private readonly ConcurrentQueue<StickySession> _sessions = [];
    private readonly StickyClient[] _clients;
    private readonly List<string> _broken = [];

    private Trial(Laboratory laboratory, TrialPlan plan, double secondsMax, Random random)
    {
        _laboratory = laboratory;
        _plan = plan;
        _secondsMax = secondsMax;
        _random = random;
        _clients = [.. laboratory.Nodes.Select((n, i) => new StickyClient(n, i, _sessions))];
    }

    public static async Task<TrialResult> RunAsync(Laboratory laboratory, TrialPlan plan, double secondsMax, Random random)
    {
        var trial = new Trial(laboratory, plan, secondsMax, random);
        try
        {
            return await trial.RunAsync();
        }
        finally
        {
            foreach (StickyClient client in trial._clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private async Task<TrialResult> RunAsync()
    {
        await _laboratory.WholeAsync(GiveUpAfter);
        for (int i = 0; i < SharedSessions; i++)
        {
            await _clients[i % _clients.Length].BearAsync(null);
        }

        long[] before = await RestartsAsync();
        foreach (StickyClient client in _clients)
        {
            client.Start();
        }

        long healedAt = await CutAndHealAsync();
        (double? one, double? equal) = await ConvergeAsync(healedAt);
        if (_plan.DyingBackend is { } dead)
        {
            _laboratory.StartBackend(dead);
        }

        await _laboratory.WholeAsync(GiveUpAfter);
        long restarts = (await RestartsAsync()).Zip(before, (after, b) => after < b ? after : after - b).Sum();
        await AskEverywhereAsync();
        return Judge(one, equal, restarts);
    }

    // A process that was killed counts from 0 again.
    private Task<long[]> RestartsAsync() =>
        Task.WhenAll(_laboratory.Nodes.Select(n => n.CounterAsync("actorlb_control_plane_restarts_total")));

    /// <returns>When the cut ended.</returns>
    private async Task<long> CutAndHealAsync()
    {
        Array.ForEach(_clients, c => c.Bears = true);
        Task backend = _plan.DyingBackend is { } dying ? KillBackendLaterAsync(dying) : Task.CompletedTask;
        await (_plan.Cut.Kind switch
        {
            CutKind.Pause => PauseAsync(_plan.Cut.Sides[0][0]),
            CutKind.Kill => KillOldestAsync(),
            CutKind.Flapping => FlapAsync(),
            _ => LoseAsync(),
        });
        long healedAt = TimeProvider.System.GetTimestamp();
        Array.ForEach(_clients, c => c.Bears = false);
        await backend;
        return healedAt;
    }

    private async Task KillBackendLaterAsync(int dying)
    {
        await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds / 2.0));
        await _laboratory.KillBackendAsync(dying);
    }

    private async Task LoseAsync()
    {
        await _laboratory.Network.LoseAsync(_plan.Cut.LostLinks());
        await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds));
        await _laboratory.Network.LoseAsync([]);
    }

    private async Task FlapAsync()
    {
        long from = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(from).TotalSeconds < _plan.Seconds)
        {
            await _laboratory.Network.LoseAsync(_plan.Cut.LostLinks());
            await Task.Delay(TimeSpan.FromSeconds(1 + _random.NextDouble()));
            await _laboratory.Network.LoseAsync([]);
            await Task.Delay(TimeSpan.FromSeconds(1 + _random.NextDouble()));
        }
    }

    private async Task PauseAsync(int node)
    {
        await _clients[node].StandAsideAsync();
        await _laboratory.Nodes[node].PauseAsync(_plan.Seconds);
        _clients[node].GoOn();
    }

    private async Task KillOldestAsync()
    {
        StatusDocument status = await _laboratory.Nodes[0].StatusAsync() ?? throw new InvariantBrokenException("no status before the kill");
        int oldest = Array.FindIndex(_laboratory.Nodes, n => n.Name == status.Members[0].Name);
        await _clients[oldest].StandAsideAsync();
        await _laboratory.Nodes[oldest].KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds));
        _laboratory.Nodes[oldest].Start();
        _ = ReturnAsync(oldest);
    }

    private async Task ReturnAsync(int node)
    {
        while (!await _laboratory.Nodes[node].IsReadyAsync())
        {
            await Task.Delay(50);
        }

        _clients[node].GoOn();
    }

    private async Task<(double? One, double? Equal)> ConvergeAsync(long healedAt)
    {
        TimeSpan? one = null;
        TimeSpan? equal = null;
        while (TimeProvider.System.GetElapsedTime(healedAt) is var now && now < GiveUpAfter)
        {
            StatusDocument?[] status = await _laboratory.StatusAsync();
            one = LabStatus.IsOneCluster(status) ? one ?? now : null;
            equal = one is not null && Laboratory.SessionsAreEqual(status) ? equal ?? now : null;
            if (one is { } o && equal is { } e && now - o > Lasting && now - e > Lasting)
            {
                return (o.TotalSeconds, e.TotalSeconds);
            }

            await Task.Delay(100);
        }

        _broken.Add(_laboratory.Describe(await _laboratory.StatusAsync()));
        return (one?.TotalSeconds, equal?.TotalSeconds);
    }

    // With the first cookies: they name the backend that died. Who has not got the binding goes back there.
    private async Task AskEverywhereAsync()
    {
        foreach (StickyClient client in _clients)
        {
            await client.StandAsideAsync();
        }

        foreach (StickySession session in _sessions)
        {
            string?[] homes = await Task.WhenAll(_clients.Select(c => c.VisitAsync(session)));
            if (homes.Distinct().Count() != 1)
            {
                _broken.Add($"in the end a session of {session.FirstHome} lives at {string.Join('/', homes)}");
            }
            else if (session.Homes.Length > 1 && homes[0] == session.FirstHome)
            {
                _broken.Add($"a session that had moved from {session.FirstHome} went back when it returned");
            }
        }

        foreach (StickyClient client in _clients)
        {
            client.GoOn();
        }
    }

    // A request that the backend had already got when it was killed may have had effects: it is not sent again. A client
    // has one request under way.
    private IEnumerable<FailedRequest> CutOff() =>
        _clients.SelectMany(c => c.Failures.Where(f => f.Reason.EndsWith("502 backend-reset", StringComparison.Ordinal)).Take(1));

    private TrialResult Judge(double? one, double? equal, long restarts)
    {
        string? dead = _plan.DyingBackend is { } backend ? Laboratory.BackendName(backend) : null;
        StickySession[] strayed = [.. _sessions.Where(s => s.FirstHome != dead && s.Homes.Length > 1)];
        if (strayed.Length > 0)
        {
            _broken.Add($"{strayed.Length} sessions left a backend that was up: {string.Join("; ", strayed.Take(3).Select(s => string.Join(" to ", s.Homes)))}");
        }

        FailedRequest[] failures = [.. _clients.SelectMany(c => c.Failures).Except(dead is null ? [] : CutOff())];
        if (failures.Length > 0)
        {
            _broken.Add($"{failures.Length} requests failed: {string.Join("; ", failures.CountBy(f => f.Reason).Take(5).Select(f => $"{f.Value} x {f.Key}"))}");
        }

        if (one is null || one > _secondsMax)
        {
            _broken.Add($"one cluster took longer than {_secondsMax} s");
        }

        if (equal is null || equal > _secondsMax)
        {
            _broken.Add($"equal bindings took longer than {_secondsMax} s");
        }

        return new TrialResult(
            _plan,
            _clients.Sum(c => c.Requests),
            [.. _clients.Select(c => (long)c.Failures.Count)],
            _sessions.Count,
            _sessions.Count(s => s.Homes.Length > 1),
            _sessions.Count(s => s.Homes.Length > 2),
            one,
            equal,
            restarts,
            _broken);
    }
}
