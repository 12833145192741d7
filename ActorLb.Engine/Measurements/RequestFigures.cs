using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Measurements;

/// <summary>What became of requests until one moment, since the node's start. Immutable; of two readings, the difference is what came between.</summary>
public sealed class RequestFigures
{
    /// <summary>0 for none that there is, and 1 to 5.</summary>
    internal const int StatusClasses = 6;

    internal const int Reasons = (int)FailureReason.InternalError + 1;

    private readonly Histogram[] _whole;
    private readonly long[] _reasons;
    private readonly long[] _failed;

    internal RequestFigures(
        Histogram[] whole, Histogram firstByte, Histogram connect, Histogram queue, long[] reasons, long[] failed, long bytesReceived, long bytesSent, long retries)
    {
        _whole = whole;
        _reasons = reasons;
        _failed = failed;
        FirstByte = firstByte;
        Connect = connect;
        Queue = queue;
        BytesReceived = bytesReceived;
        BytesSent = bytesSent;
        Retries = retries;
    }

    public static RequestFigures Empty { get; } = new MeasurementStripe(isShared: false).Read();

    /// <summary>That are over.</summary>
    public long Count => _whole.Sum(h => h.Count);

    /// <summary>From a request's head to the end of its answer.</summary>
    public Histogram Whole => _whole.Aggregate((one, other) => one.Add(other));

    /// <summary>From when a request was sent to its backend to the first byte of the answer; of the last attempt, where there were several.</summary>
    public Histogram FirstByte { get; }

    /// <summary>Of connections to backends that were made for these requests, with TLS where there is TLS.</summary>
    public Histogram Connect { get; }

    /// <summary>How long requests that found no free place waited for one, whether they got it or not.</summary>
    public Histogram Queue { get; }

    /// <summary>Of requests' bodies, and what clients sent over tunnels.</summary>
    public long BytesReceived { get; }

    /// <summary>Of answers' bodies, and what clients got over tunnels.</summary>
    public long BytesSent { get; }

    /// <summary>Attempts beyond the first of each request.</summary>
    public long Retries { get; }

    /// <summary>That a status is of: 1 to 5, 0 where there is no such status.</summary>
    internal static int ClassOf(int status) => (uint)(status / 100) < StatusClasses ? status / 100 : 0;

    /// <summary>Requests whose clients got a status of this class; 499, where the client left, is one of 4.</summary>
    /// <param name="statusClass">1 to 5: its first digit.</param>
    public long CountOf(int statusClass) => WholeOf(statusClass).Count;

    /// <summary>The same in time.</summary>
    /// <inheritdoc cref="CountOf(int)"/>
    public Histogram WholeOf(int statusClass) => _whole[statusClass];

    /// <summary>Requests that ended for this reason; none but it: <see cref="FailureReason.None"/> has no count.</summary>
    public long CountOf(FailureReason reason) => _reasons[(int)reason];

    /// <summary>Requests that failed: whose clients got a status of class 5, or an answer that broke off. What clients did, as those that left, is none.</summary>
    public long Failures => _failed.Sum();

    /// <summary>The same by the number of the reason; None: a backend's own answer.</summary>
    public ReadOnlySpan<long> FailuresByReason => _failed;

    public RequestFigures Add(RequestFigures other) => Combine(other, (one, two) => one.Add(two), 1);

    /// <param name="earlier">An earlier reading of the same.</param>
    public RequestFigures Subtract(RequestFigures earlier) =>
        earlier.Count > Count ? this : Combine(earlier, (now, before) => now.Subtract(before), -1);

    private RequestFigures Combine(RequestFigures other, Func<Histogram, Histogram, Histogram> combine, int sign) => new(
        [.. _whole.Zip(other._whole, combine)],
        combine(FirstByte, other.FirstByte),
        combine(Connect, other.Connect),
        combine(Queue, other.Queue),
        [.. _reasons.Zip(other._reasons, (one, two) => one + (sign * two))],
        [.. _failed.Zip(other._failed, (one, two) => one + (sign * two))],
        BytesReceived + (sign * other.BytesReceived),
        BytesSent + (sign * other.BytesSent),
        Retries + (sign * other.Retries));
}
