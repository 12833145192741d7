using System.Diagnostics;
using System.Net;

namespace ActorLb.Bench.Soak;

/// <summary>
/// A whole node under connection churn, aborts in every phase, slow clients and dying backends; then silence, and
/// everything must be as it was before.
/// </summary>
internal static class LaneSoak
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BackendLives = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BackendIsDead = TimeSpan.FromSeconds(1.5);

    /// <summary>Probes and the file of the node come and go.</summary>
    private const int DescriptorsSpare = 8;

    /// <summary>
    /// What the runtime itself does not give back at once: compiled code, pooled arrays; and the owners of sessions, 1024 actors
    /// at most, which come with the sessions of tunnels that stay open.
    /// </summary>
    private const long ManagedBytesSpare = 8_000_000;

    public static async Task<int> RunAsync(CommandOptions options)
    {
        double minutes = options.Number("--minutes", 20);
        int clients = options.Whole("--clients", 100);
        int seed = options.Whole("--seed", Environment.TickCount);
        Console.WriteLine($"seed {seed}");
        using var work = new WorkFolder();
        SoakBackend[] backends = [new(), new(), new()];
        int port = Ports.Free();
        await using var node = BenchProcess.Self(["soak-node", Configuration(work, port, backends)], piped: true);
        if (await node.Output.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException("the node did not start");
        }

        var lane = new IPEndPoint(IPAddress.Loopback, port);
        await LoadAsync(lane, backends, clients, seed, WarmUp, new SoakCounts(), node);
        SoakFigures before = await RestAsync(node);
        Console.WriteLine($"base line: {before}");
        var counts = new SoakCounts();
        await LoadAsync(lane, backends, clients, seed + clients, TimeSpan.FromMinutes(minutes), counts, node);
        SoakFigures after = await RestAsync(node);
        Console.WriteLine($"at the end: {after}");
        Console.WriteLine($"{counts.Answers:n0} answers checked; otherwise: {counts.Ways}");
        foreach (SoakBackend backend in backends)
        {
            backend.Dispose();
        }

        string? fault = counts.FirstFault
            ?? (!after.IsAtRest ? "something of a request is left" : null)
            ?? (after.Descriptors > before.Descriptors + DescriptorsSpare ? "descriptors are left" : null)
            ?? (after.ManagedBytes > before.ManagedBytes + ManagedBytesSpare ? "managed memory has grown" : null);
        Console.WriteLine(fault is null ? "held" : $"FAILED: {fault}");
        return fault is null ? 0 : 1;
    }

    private static string Configuration(WorkFolder work, int port, SoakBackend[] backends) => work.Write("soak.conf", $$"""
        actorlb {
          node.name = soak
          node.data-dir = "{{work.Path}}/data"
          cluster.port = {{Ports.Free()}}
          admin.bind = "127.0.0.1:0"
          listeners.http { bind = "127.0.0.1:{{port}}", engine = epoll, loops = 2 }
          limits {
            connections-max = 0, connections-per-address-max = 0
            idle-timeout = 5s, header-timeout = 5s, body-timeout = 5s, response-timeout = 10s, tunnel-timeout = 10s, backend-idle-timeout = 5s
          }
          routes = [{ host = "*", path = "/", pool = web }]
          pools.web {
            backends = [{{string.Join(", ", backends.Select(b => $"\"http://{b.Address}\""))}}]
            max-connections = 40, upgrades = [echo]
            affinity.idle-timeout = 10s
            health.path = "/plain"
          }
        }
        """);

    private static async Task LoadAsync(
        IPEndPoint lane, SoakBackend[] backends, int clients, int seed, TimeSpan time, SoakCounts counts, BenchProcess node)
    {
        using var stop = new CancellationTokenSource(time);
        Task[] running = [.. Enumerable.Range(0, clients).Select(i => Task.Run(() => new SoakClient(lane, i, seed + i, counts).RunAsync(stop.Token)))];
        Task dying = KillInTurnsAsync(backends, stop.Token);
        long start = Stopwatch.GetTimestamp();
        Task all = Task.WhenAll(running);
        while (await Task.WhenAny(all, Task.Delay(TellEvery)) != all)
        {
            Console.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s, {counts.Answers:n0} answers: {await AskAsync(node)}{(counts.FirstFault is { } fault ? " FAULT " + fault : "")}");
        }

        await all;
        await dying;
    }

    private static async Task KillInTurnsAsync(SoakBackend[] backends, CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            await Task.Delay(BackendLives, CancellationToken.None);
            backends[turn % backends.Length].Die();
            await Task.Delay(BackendIsDead, CancellationToken.None);
            backends[turn % backends.Length].ComeBack();
        }
    }

    /// <summary>The figures once nothing is under way any more; after a minute whatever they are.</summary>
    private static async Task<SoakFigures> RestAsync(BenchProcess node)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            SoakFigures figures = await AskAsync(node);
            if (figures.IsAtRest || Stopwatch.GetElapsedTime(start) > RestMax)
            {
                return figures;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<SoakFigures> AskAsync(BenchProcess node)
    {
        await node.Input.WriteLineAsync();
        await node.Input.FlushAsync();
        return SoakFigures.Parse(await node.Output.ReadLineAsync() ?? throw new InvalidOperationException("the node has ended"));
    }
}
