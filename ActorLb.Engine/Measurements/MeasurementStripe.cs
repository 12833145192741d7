using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Measurements;

/// <summary>
/// What one slot has counted of one thing. Written by the slot's threads alone, read by anybody: each number by itself is right, a little late
/// perhaps. Made as it is needed, so that what never happens takes no memory; steady use allocates nothing.
/// </summary>
internal sealed class MeasurementStripe(bool isShared)
{
    /// <summary>Behind each array, so that the next one, perhaps another slot's, is on another cache line.</summary>
    private const int Padding = 8;

    private const int SumAt = 0;
    private const int BucketsAt = 1;

    private static readonly long[] None = new long[RequestFigures.Reasons];

    private readonly long[]?[] _whole = new long[]?[RequestFigures.StatusClasses];
    private long[]? _firstByte;
    private long[]? _connect;
    private long[]? _queue;
    private long[]? _reasons;
    private long[]? _failed;
    private long[]? _volumes;

    private enum Volume
    {
        Received,
        Sent,
        Retries,
    }

    public void Record(in FinishedRequest request)
    {
        Count(ref _whole[RequestFigures.ClassOf(request.Status)], request.Ticks);
        if (request.FirstByteTicks >= 0)
        {
            Count(ref _firstByte, request.FirstByteTicks);
        }

        if (request.Failure != FailureReason.None)
        {
            Add(ref Made(ref _reasons, RequestFigures.Reasons)[(int)request.Failure], 1);
        }

        if (request.HasFailed)
        {
            Add(ref Made(ref _failed, RequestFigures.Reasons)[(int)request.FailedBy], 1);
        }

        if ((request.BytesReceived | request.BytesSent | (long)request.Retries) != 0)
        {
            long[] volumes = Made(ref _volumes, (int)Volume.Retries + 1);
            Add(ref volumes[(int)Volume.Received], request.BytesReceived);
            Add(ref volumes[(int)Volume.Sent], request.BytesSent);
            Add(ref volumes[(int)Volume.Retries], request.Retries);
        }
    }

    public void Connected(long ticks) => Count(ref _connect, ticks);

    public void Queued(long ticks) => Count(ref _queue, ticks);

    /// <summary>Counts the same in another one, which is the caller's own.</summary>
    public void AddTo(MeasurementStripe sum)
    {
        for (int i = 0; i < _whole.Length; i++)
        {
            AddTo(_whole[i], ref sum._whole[i]);
        }

        AddTo(_firstByte, ref sum._firstByte);
        AddTo(_connect, ref sum._connect);
        AddTo(_queue, ref sum._queue);
        AddTo(_reasons, ref sum._reasons);
        AddTo(_failed, ref sum._failed);
        AddTo(_volumes, ref sum._volumes);
    }

    public RequestFigures Read() => new(
        [.. _whole.Select(HistogramOf)],
        HistogramOf(_firstByte),
        HistogramOf(_connect),
        HistogramOf(_queue),
        _reasons is null ? None : ValuesOf(_reasons, 0, RequestFigures.Reasons),
        _failed is null ? None : ValuesOf(_failed, 0, RequestFigures.Reasons),
        VolumeOf(Volume.Received),
        VolumeOf(Volume.Sent),
        VolumeOf(Volume.Retries));

    private static Histogram HistogramOf(long[]? counts) =>
        counts is null ? Histogram.Empty : new Histogram(ValuesOf(counts, BucketsAt, LatencyBuckets.Count), Volatile.Read(ref counts[SumAt]));

    private static long[] ValuesOf(long[] counts, int begin, int count)
    {
        var values = new long[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Volatile.Read(ref counts[begin + i]);
        }

        return values;
    }

    private static void AddTo(long[]? counts, ref long[]? sum)
    {
        if (counts is null)
        {
            return;
        }

        sum ??= new long[counts.Length];
        for (int i = 0; i < counts.Length; i++)
        {
            sum[i] += Volatile.Read(ref counts[i]);
        }
    }

    private static long[] Made(ref long[]? counts, int length) => counts ?? Make(ref counts, length);

    private static long[] Make(ref long[]? counts, int length)
    {
        var made = new long[length + Padding];
        return Interlocked.CompareExchange(ref counts, made, null) ?? made;
    }

    private long VolumeOf(Volume volume) => _volumes is { } volumes ? Volatile.Read(ref volumes[(int)volume]) : 0;

    private void Count(ref long[]? histogram, long ticks)
    {
        long[] counts = Made(ref histogram, BucketsAt + LatencyBuckets.Count);
        Add(ref counts[SumAt], Math.Max(0, ticks));
        Add(ref counts[BucketsAt + LatencyBuckets.IndexOf(ticks)], 1);
    }

    private void Add(ref long count, long more)
    {
        if (isShared)
        {
            Interlocked.Add(ref count, more);
        }
        else
        {
            Volatile.Write(ref count, count + more);
        }
    }
}
