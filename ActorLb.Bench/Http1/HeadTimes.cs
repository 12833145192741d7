using System.Diagnostics;
using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Bench.Http1;

/// <summary>What reading and writing one head costs one thread, in nanoseconds: the median of rounds, and the best.</summary>
internal static class HeadTimes
{
    private const int Rounds = 301;
    private const int PerRound = 20_000;

    private static readonly MessageLimits Limits = new(8192, 32768, 100, MessageLimits.UsualChunkLineBytesMax);

    private static readonly ForwardedClient Client = new(
        new ListenerSettings("http", new IPEndPoint(IPAddress.Any, 8080), ListenerEngine.Epoll, 0, ListenerHttp2.Off, null, [], false), IPAddress.Loopback);

    private static ReadOnlySpan<byte> RequestId => "0123456789abcdef0123456789abcdef"u8;

    public static int Run()
    {
        HeaderField[] fields = new HeaderField[100];
        byte[] output = new byte[16 * 1024];
        Console.WriteLine($"{"",-44} {"bytes",6} {"median ns",10} {"best ns",8} {"bytes allocated",16}");
        foreach ((string name, byte[] bytes) in SampleHeads.Requests)
        {
            Show("read " + name, bytes, () => RequestParser.Parse(bytes, Limits, fields, out _).Consumed);
            Show("read and write " + name, bytes, () => Forward(bytes, fields, output));
        }

        foreach ((string name, byte[] bytes) in SampleHeads.Responses)
        {
            Show("read " + name, bytes, () => ResponseParser.Parse(bytes, RequestMethod.Get, false, Limits, fields, out _).Consumed);
        }

        Show("decode 64 KiB in chunks of 1 KiB", SampleHeads.Chunks, () => Decode(SampleHeads.Chunks, fields));
        return 0;
    }

    private static int Forward(byte[] bytes, HeaderField[] fields, byte[] output)
    {
        RequestParser.Parse(bytes, Limits, fields, out RequestHead head);
        var target = new HeadBuffer(output);
        BackendHead.Write(ref target, bytes, head, fields.AsSpan(0, head.Fields.Count), Client, RequestId, default, trace: default, filters: null, lines: default, upgrades: default);
        return target.Length;
    }

    private static int Decode(ReadOnlySpan<byte> bytes, HeaderField[] fields)
    {
        var decoder = default(ChunkedDecoder);
        int data = 0;
        while (decoder.Next(bytes, Limits, fields) is { Status: ChunkStatus.Data } piece)
        {
            data += piece.Data.Length;
            bytes = bytes[piece.Consumed..];
        }

        return data;
    }

    private static void Show(string name, byte[] bytes, Func<int> once)
    {
        Span<double> times = stackalloc double[Rounds];
        int count = Math.Max(1, PerRound / Math.Max(1, bytes.Length / 512));
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            int sum = 0;
            for (int i = 0; i < count; i++)
            {
                sum += once();
            }

            times[round] = sum > 0 ? Stopwatch.GetElapsedTime(start).TotalNanoseconds / count : throw new InvalidOperationException(name);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        times.Sort();
        Console.WriteLine($"{name,-44} {bytes.Length,6} {times[Rounds / 2],10:F1} {times[0],8:F1} {allocated,16}");
    }
}
