using System.Globalization;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// One whole balancer node that makes bindings as its requests would (noted in the table, offered to the owner) and
/// measures itself. Commands come by its input, one line each; each is answered by one line.
/// </summary>
internal sealed class SessionNode : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly BalancerNode _node;
    private readonly DataPlane _plane;
    private readonly BindingTable _table;
    private readonly BirthTimes _births;
    private readonly BackendKey[] _backends;
    private readonly LagWatch _lag;

    private SessionNode(BalancerNode node, BirthTimes births)
    {
        _node = node;
        _plane = node.Plane;
        _table = _plane.Tables[SessionSettings.Pool];
        _births = births;
        _backends = [.. _plane.Settings.Pools[SessionSettings.Pool].Backends.Select(b => BackendKey.Of(b.Id))];
        _lag = new LagWatch(_table, births);
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        NodeSettings settings = SessionSettings.Parse(arguments, out string births);
        using ILoggerFactory loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(o => o.SingleLine = true)
            .AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var node = new BalancerNode(settings, loggers, TimeProvider.System);
        using var session = new SessionNode(node, BirthTimes.Open(births));
        Task<long> up = session.UpAsync();
        await node.StartAsync(CancellationToken.None);
        Console.WriteLine($"ready {await up}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(await session.DoAsync(line.Split(' ')));
        }

        return 0;
    }

    /// <summary>The binding with this number: ids are spread as random ones are.</summary>
    public static SessionId IdOf(long number)
    {
        ulong mixed = (ulong)number * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return new SessionId(mixed ^ (mixed >> 31), (ulong)number);
    }

    public void Dispose()
    {
        _lag.Dispose();
        _births.Dispose();
    }

    private async Task<string> DoAsync(string[] command) => command switch
    {
        ["adopt", var from, var count, var rate] => await AdoptAsync(Number(from), Number(count), Number(rate)),
        ["count"] => $"{_table.Count} {_table.ProvisionalCount} {Replicated()}",
        ["watch"] => _lag.Begin(),
        ["lag"] => _lag.End(),
        ["memory"] => Memory(),
        ["lookup", var count] => LookUp.Measure(_table, Number(count)),
        ["missing", var before] => Missing(Number(before)),
        ["digest"] => Digest(),
        ["cookie", var number] => Cookie(Number(number)),
        ["homes"] => Homes(),
        ["holds", var count] => await HoldsAsync(Number(count)),
        _ => "unknown command",
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task<string> AdoptAsync(long from, long count, long rate)
    {
        using var timer = new PeriodicTimer(Tick);
        long startedAt = TimeProvider.System.GetTimestamp();
        long made = 0;
        while (made < count)
        {
            await timer.WaitForNextTickAsync();
            long due = Math.Min(count, (long)(TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds * rate));
            uint now = (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            for (; made < due; made++)
            {
                long number = from + made;
                var binding = new Binding(IdOf(number), _backends[number % _backends.Length], 1, now);
                _births.Set(number, TimeProvider.System.GetTimestamp());
                _table.Note(binding);
                _plane.Sessions.Offer(new SessionNotice(SessionSettings.Pool, binding, SessionNoticeKind.Adopted));
            }
        }

        return $"made {made} in {TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds:F2} s, dropped {_plane.Sessions.Dropped}";
    }

    private long Replicated()
    {
        long count = 0;
        for (int i = 0; i < BucketId.Count; i++)
        {
            count += _table.Replicated(i).Count;
        }

        return count;
    }

    private static string Memory()
    {
        // What is left after a full collection that gives memory back: what a node grows by, not what it has borrowed.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        string status = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return $"{Number(status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024} {GC.GetTotalMemory(false)}";
    }

    private string Missing(long before)
    {
        long missing = 0;
        long born = 0;
        for (long number = 0; number < _births.Length; number++)
        {
            if (_births.Get(number) is var at and > 0 && at < before)
            {
                born++;
                missing += _table.TryGet(IdOf(number), out _) ? 0 : 1;
            }
        }

        return $"{missing} of {born}";
    }

    private string Digest()
    {
        var hash = new System.IO.Hashing.XxHash3();
        for (int i = 0; i < BucketId.Count; i++)
        {
            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_table.Replicated(i).Page(page)));
            }
        }

        return $"{hash.GetCurrentHashAsUInt64():x16}";
    }

    private string Cookie(long number)
    {
        _table.TryGet(IdOf(number), out Binding binding);
        PoolSnapshot pool = _plane.Routing.Pools[SessionSettings.Pool];
        string cookie = new TrafficDirector(_plane).TicketFor(new Assignment(pool, null, binding, true, true), secure: false)!;
        return $"{cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]} {Array.IndexOf(_backends, binding.Backend)}";
    }

    private string Homes()
    {
        var counts = _table.CountByBackend((uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), TimeSpan.FromMinutes(30));
        return string.Join(" ", _backends.Select(b => counts.GetValueOrDefault(b)));
    }

    private async Task<string> HoldsAsync(long count)
    {
        while (_table.Count < count)
        {
            await Task.Delay(5);
        }

        return $"{TimeProvider.System.GetTimestamp()}";
    }

    private async Task<long> UpAsync()
    {
        while (_node.Members.All(m => m.Name != _plane.Settings.Name || m.Status != "up"))
        {
            await Task.Delay(5);
        }

        return TimeProvider.System.GetTimestamp();
    }
}
