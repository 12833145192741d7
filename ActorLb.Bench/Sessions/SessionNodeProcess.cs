using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Security.Cryptography;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// One whole balancer node that obeys its standard input: a line is a command, its answer begins with "= ". Lines
/// that begin with "! " tell of what happened, with the time of the monotonic clock, which all processes share.
/// </summary>
internal sealed class SessionNodeProcess
{
    private const int ShardCount = 64;

    private static readonly TimeSpan WatchLimit = TimeSpan.FromMinutes(5);

    private readonly BalancerNode _node;
    private readonly Lock _writing = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<List<(int, long)>> _making = Task.FromResult<List<(int, long)>>([]);
    private Task<List<(int, long)>>[] _watching = [];

    private SessionNodeProcess(BalancerNode node) => _node = node;

    private BindingTable Table => _node.Plane.Tables[SessionNumbers.Pool];

    private uint Now => (uint)_node.Plane.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <param name="expected">Sessions that others have: it tells when it has them all. Count 0: none.</param>
    public static async Task<int> RunAsync(string configuration, string expected)
    {
        ConfigurationResult loaded = ConfigurationLoader.Load([configuration]);
        NodeSettings settings = loaded.Settings
            ?? throw new InvalidOperationException(string.Join('\n', loaded.Mistakes));
        using ILoggerFactory loggers = LoggerFactory.Create(l => l
            .SetMinimumLevel(LogLevel.Warning)
            .AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var node = new BalancerNode(settings, loggers, TimeProvider.System);
        var process = new SessionNodeProcess(node);
        process.Tell("begun");
        Task commands = Task.Run(process.ObeyAsync);
        Task holding = process.TellOfStartAsync(SessionRange.Parse(expected));
        await node.StartAsync(CancellationToken.None);
        process.Tell("ready");
        process._ready.SetResult();
        await holding;
        await commands;
        await node.StopAsync(CancellationToken.None);
        return 0;
    }

    private void Tell(string what, string more = "") =>
        Write(string.Create(CultureInfo.InvariantCulture, $"! {what} {Stopwatch.GetTimestamp()} {more}"));

    private void Write(string line)
    {
        lock (_writing)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    private async Task TellOfStartAsync(SessionRange expected)
    {
        Task loaded = Task.Run(() => TellWhenHeld(expected));
        await Task.Run(async () =>
        {
            while (!await _node.Control.WhenUpAsync(TimeSpan.FromMinutes(1)))
            {
            }
        });
        Tell("up");
        await _node.Sessions.Filled;
        Tell("filled");
        await loaded;

        // Looking for all of them takes a second of a cold process: not before it serves.
        await _ready.Task;
        Tell("lacked-then", Missing(expected, 1).ToString(CultureInfo.InvariantCulture));
    }

    // One in sixteen is looked for again and again; at the end, all of them.
    private void TellWhenHeld(SessionRange expected)
    {
        for (int number = expected.First; number < expected.End; number += 16)
        {
            while (!Table.TryGet(SessionNumbers.Id(number), out _))
            {
                Thread.Sleep(5);
            }
        }

        Tell("holds");
    }

    private async Task ObeyAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            string answer = words[0] switch
            {
                "count" => $"{Table.Count} {Table.ProvisionalCount} {Table.Refused} {_node.Plane.Sessions.Dropped}",
                "members" => $"{_node.Control.Membership.Active.Length}",
                "grow" => Grow(SessionRange.Parse(words[1]), int.Parse(words[2], null), int.Parse(words[3], null), double.Parse(words[4], CultureInfo.InvariantCulture)),
                "grown" => await GrownAsync(words[1]),
                "missing" => $"{Missing(SessionRange.Parse(words[1]), int.Parse(words[2], null))}",
                "collect" => Collect(),
                "lookup" => LookUp(SessionRange.Parse(words[1])),
                "digest" => Digest(),
                "ticket" => Ticket(int.Parse(words[1], null)),
                "tickets" => Tickets(words[1]),
                "owners" => await OwnersAsync(),
                "count-by-backend" => CountByBackend(),
                _ => throw new ArgumentException(line),
            };
            Write("= " + answer);
        }
    }

    private string Grow(SessionRange range, int node, int nodes, double rate)
    {
        _making = Task.Factory.StartNew(
            () => SessionMaker.Make(_node.Plane, range, (node, nodes), rate, (number, at) => Write($"! made {at} {number}")),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        _watching =
        [
            .. Enumerable.Range(0, nodes).Where(other => other != node).Select(other => Task.Factory.StartNew(
                () => SessionMaker.Watch(Table, range, (other, nodes), WatchLimit),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)),
        ];
        return "growing";
    }

    private async Task<string> GrownAsync(string file)
    {
        List<string> lines = [.. (await _making).Select(s => $"made {s.Item1} {s.Item2}")];
        foreach (Task<List<(int, long)>> watch in _watching)
        {
            lines.AddRange((await watch).Select(s => $"seen {s.Item1} {s.Item2}"));
        }

        await File.WriteAllLinesAsync(file, lines);
        return "grown";
    }

    private int Missing(SessionRange range, int every)
    {
        int missing = 0;
        for (int number = range.First; number < range.End; number += every)
        {
            Binding expected = SessionNumbers.Binding(number, 0);
            missing += Table.TryGet(expected.Id, out Binding found) && found.Backend == expected.Backend ? 0 : 1;
        }

        return missing;
    }

    private static string Collect()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return $"{GC.GetTotalMemory(false)}";
    }

    private string LookUp(SessionRange range)
    {
        (double warm, double random, double allocated) = LookUps.Measure(Table, range);
        return string.Create(CultureInfo.InvariantCulture, $"{warm:f1} {random:f1} {allocated:f3}");
    }

    private string CountByBackend()
    {
        long start = Stopwatch.GetTimestamp();
        int sessions = Table.CountByBackend(Now, TimeSpan.FromMinutes(30)).Values.Sum();
        return string.Create(CultureInfo.InvariantCulture, $"{sessions} {Stopwatch.GetElapsedTime(start).TotalMicroseconds:f0}");
    }

    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int bucket = 0; bucket < BucketId.Count; bucket++)
        {
            BindingBucket replicated = Table.Replicated(bucket);
            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(replicated.Page(page)));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // One per line of the file, in the order of its numbers.
    private string Tickets(string file)
    {
        string[] tickets = [.. File.ReadLines(file).Select(number => Ticket(int.Parse(number, CultureInfo.InvariantCulture)))];
        File.WriteAllLines(file, tickets);
        return $"{tickets.Length}";
    }

    // A question that moves nothing: the owner knows each session better than version 0.
    private async Task<string> OwnersAsync()
    {
        TimeSpan timeout = TimeSpan.FromMilliseconds(250);
        long[] answeredAt = await Task.WhenAll(Enumerable.Range(0, ShardCount).Select(async shard =>
        {
            Binding known = SessionNumbers.Binding(FirstOf(shard), 0) with { Backend = BackendKey.None, Version = 0 };
            while (await _node.Plane.Rebinder.RebindAsync(SessionNumbers.Pool, known, BackendKey.None, timeout, CancellationToken.None) is null)
            {
                await Task.Delay(10);
            }

            return Stopwatch.GetTimestamp();
        }));
        return string.Join(' ', answeredAt.Order());
    }

    private static int FirstOf(int shard)
    {
        int number = 0;
        while (BucketId.IndexOf(SessionNumbers.Id(number)) % ShardCount != shard)
        {
            number++;
        }

        return number;
    }

    private string Ticket(int number)
    {
        Span<char> ticket = stackalloc char[TicketCodec.TicketChars];
        new TicketCodec(_node.Plane.Keys, SessionNumbers.Pool).Seal(SessionNumbers.Ticketed(number, Now), ticket);
        return $"{_node.Plane.Topology.Pools[SessionNumbers.Pool].Affinity.Cookie.Name}={ticket}";
    }
}
