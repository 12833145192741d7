using ActorLb.Engine.Reports;

namespace ActorLb.Node.Admin;

/// <summary>
/// Why clients' certificates were refused of late, as they stand in what is told of them: different reasons are told for themselves. A
/// certificate says what its maker likes, so only the first <see cref="Max"/> of a minute are; the others are told as one. Any thread.
/// </summary>
internal sealed class RefusalReasons(TimeProvider time)
{
    public const int Max = 128;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _reasons = new(StringComparer.Ordinal);
    private long _since = time.GetTimestamp();

    /// <summary>The reason, or nothing where there are too many.</summary>
    public string Of(string reason)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= AddressReports.Interval)
            {
                _reasons.Clear();
                _since = time.GetTimestamp();
            }

            return _reasons.Contains(reason) || (_reasons.Count < Max && _reasons.Add(reason)) ? reason : "";
        }
    }
}
