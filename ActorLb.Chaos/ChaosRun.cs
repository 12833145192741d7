using ActorLb.Chaos.Browsers;
using ActorLb.Chaos.Chance;
using ActorLb.Chaos.Faults;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos;

/// <summary>One run: clients that never stop, and one fault after the other, with a quiet time between them.</summary>
internal sealed class ChaosRun(IChaosTarget target, ChaosOptions options, TextWriter output)
{
    /// <summary>A backend that dies during a partition is what sides decide differently about.</summary>
    private const double ChanceOfDyingBackend = 0.4;

    private const double SecondsWithDeathMin = 7;

    /// <summary>Of many changes, how long those of one kind take together at most.</summary>
    private const double ChangeSecondsMax = 2;

    private static readonly TimeSpan ProgressPace = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly HistoryRecorder _recorder = new(TimeProvider.System);
    private int _faults;

    /// <exception cref="InvalidOperationException">The target did not come up.</exception>
    public async Task<RunHistory> RunAsync(CancellationToken stops)
    {
        using var watch = new ClusterWatch(_recorder, target);
        using var injector = new FaultInjector(target, watch, kills: options.Changes is null);
        using var ends = new CancellationTokenSource();
        Task watching = watch.RunAsync(ends.Token);
        if (await watch.WhenAsync(async () => watch.IsOneCluster() && watch.BackendsAreUp() && await watch.CircuitsAreClosedAsync(), StartPatience) is null)
        {
            throw new InvalidOperationException($"the target did not come up: {watch.Describe()}");
        }

        _recorder.AddBackends(target.Backends.Select(b => b.Name));
        Task progress = ProgressAsync(ends.Token);
        Task clients = new Crowd(_recorder, target, options.Learns, options.Browsers, options.Tabs, options.ThinkSeconds, options.Seed).RunAsync(ends.Token);
        try
        {
            await StrikeAsync(watch, injector, stops);
        }
        finally
        {
            await ends.CancelAsync();
            await clients;
            await watching;
            await progress;
        }

        return _recorder.ToHistory(target.Name, options.Seed, options.Nodes, options.Backends, options.Browsers, options.Tabs);
    }

    // A run of hours shows that it lives, and what it holds.
    private async Task ProgressAsync(CancellationToken ends)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ProgressPace, ends);
                (int attempts, long notWell, int tunnels) = _recorder.Counts;
                await output.WriteLineAsync(
                    $"{_recorder.Now,7:F1} {attempts} requests, {notWell} not answered well, {tunnels} WebSockets and event streams ended; {GC.GetTotalMemory(forceFullCollection: false) >> 20} MiB of history and clients");
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task StrikeAsync(ClusterWatch watch, FaultInjector injector, CancellationToken stops)
    {
        FaultKind[] kinds = [.. options.Kinds.Where(k => target.WhyNot(k) is null)];
        foreach (FaultKind kind in options.Kinds.Except(kinds))
        {
            await output.WriteLineAsync($"left out: {kind.Word()}: {target.WhyNot(kind)}");
        }

        if (target.Certificates is null)
        {
            await output.WriteLineAsync("left out: handshakes and renewed certificates: the nodes have no TLS listener");
        }

        var convergence = new FaultConvergence(_recorder, watch);
        await QuietAsync(stops);
        foreach (FaultPlan plan in Plans(kinds))
        {
            if (stops.IsCancellationRequested)
            {
                return;
            }

            List<FaultDiary> diaries;
            try
            {
                diaries = await InjectAsync(plan, watch, injector);
            }
            catch (InvalidOperationException e)
            {
                // What was seen until here is judged all the same.
                _recorder.Complain($"{plan.Kind.Word()} could not be done, or not be taken back: {e.Message}");
                return;
            }

            bool whole = await convergence.WhenWholeAsync(diaries);
            foreach (FaultDiary diary in diaries)
            {
                await output.WriteLineAsync($"{_recorder.Now,7:F1} {diary.Span}");
            }

            if (!whole)
            {
                return;
            }

            await QuietAsync(stops);
        }
    }

    private IEnumerable<FaultPlan> Plans(FaultKind[] kinds)
    {
        IEnumerable<FaultPlan> decks = FaultPlan.Decks(kinds, options.Nodes, options.Backends, options.Seed);
        return kinds.Length == 0 ? []
            : options.Changes is { } count ? Changes(kinds, count)
            : options.Once ? decks.Take(kinds.Length)
            : decks.TakeWhile(_ => _recorder.Now <= options.Duration.TotalSeconds);
    }

    private IEnumerable<FaultPlan> Changes(FaultKind[] kinds, int count)
    {
        var random = Seeds.Random(options.Seed, 0);
        while (_recorder.Changes.Count < count)
        {
            FaultPlan plan = FaultPlan.Draw(ChangePolicy.Next(kinds, _recorder.Changes), options.Nodes, options.Backends, random);
            yield return plan with { Seconds = Math.Min(plan.Seconds, ChangeSecondsMax) };
        }
    }

    private async Task QuietAsync(CancellationToken stops)
    {
        try
        {
            await Task.Delay(options.Quiet, stops);
        }
        catch (OperationCanceledException)
        {
            // The loop ends by itself.
        }
    }

    private async Task<List<FaultDiary>> InjectAsync(FaultPlan plan, ClusterWatch watch, FaultInjector injector)
    {
        List<Task> running = [];
        var diary = new FaultDiary(_recorder, ++_faults, plan.Kind);
        List<FaultDiary> diaries = [diary];
        running.Add(InjectAsync(plan, diary, watch, injector));
        if (plan.Kind.Splits() && plan.Seconds >= SecondsWithDeathMin && plan.Chance < ChanceOfDyingBackend)
        {
            var second = new FaultDiary(_recorder, ++_faults, FaultKind.KillBackend);
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / 2));
            diaries.Add(second);
            running.Add(InjectAsync(plan with { Kind = FaultKind.KillBackend }, second, watch, injector));
        }

        await Task.WhenAll(running);
        return diaries;
    }

    private static async Task InjectAsync(FaultPlan plan, FaultDiary diary, ClusterWatch watch, FaultInjector injector)
    {
        Task injecting = injector.RunAsync(plan, diary);
        using var marked = new CancellationTokenSource();
        Task marking = plan.Kind is FaultKind.ScaleBackends or FaultKind.StopAll ? Task.CompletedTask : MarkAsync(diary, watch, injecting);
        await injecting;
        await marking;
    }

    private static async Task MarkAsync(FaultDiary diary, ClusterWatch watch, Task injecting)
    {
        if (diary.Span.Backends.IsEmpty)
        {
            return;
        }

        double? at = await watch.WhenAsync(
            () => Task.FromResult(injecting.IsCompleted || watch.AreMarkedDown(diary.Span.Backends, [.. diary.Span.Away.Where(a => a.Until is null).Select(a => a.Node)])),
            TimeSpan.FromMinutes(2));
        if (at is { } seen && !injecting.IsCompleted)
        {
            diary.MarkedDown(seen);
        }
    }
}
