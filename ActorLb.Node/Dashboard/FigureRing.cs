namespace ActorLb.Node.Dashboard;

/// <summary>The last slots of one subject, each so many seconds long. Slots are numbered by time since 1970. Used under its owner's lock.</summary>
internal sealed class FigureRing(int length, int seconds)
{
    /// <summary>Two counts of four bytes, and three latencies of two.</summary>
    public const int BytesPerSlot = 14;

    private readonly uint[] _requests = new uint[length];
    private readonly uint[] _failures = new uint[length];
    private readonly Half[] _latencies = new Half[3 * length];
    private long _first = long.MinValue;
    private long _last = long.MinValue;

    public int Length => length;

    public int Seconds => seconds;

    /// <summary>What happened in a second is added to its slot; latencies are those of the slot as it stands, the last word counts.</summary>
    /// <param name="second">Since 1970. One that is before the last slot is counted there: a clock was set back.</param>
    public void Add(long second, in Figure figure)
    {
        long slot = Math.Max(second / seconds, _last);
        if (_last == long.MinValue)
        {
            _first = slot;
        }

        for (long empty = Math.Max(_last + 1, slot - length + 1); _last != slot && empty <= slot; empty++)
        {
            Clear(empty);
        }

        _last = slot;
        int at = (int)(slot % length);
        _requests[at] = Sum(_requests[at], figure.Requests);
        _failures[at] = Sum(_failures[at], figure.Failures);
        _latencies[3 * at] = figure.P50;
        _latencies[(3 * at) + 1] = figure.P95;
        _latencies[(3 * at) + 2] = figure.P99;
    }

    /// <summary>Nothing where nobody looked then, or it is too long ago.</summary>
    public Figure At(long slot)
    {
        if (slot > _last || slot < _first || slot <= _last - length)
        {
            return Figure.None;
        }

        int at = (int)(slot % length);
        return new Figure(_requests[at], _failures[at], _latencies[3 * at], _latencies[(3 * at) + 1], _latencies[(3 * at) + 2]);
    }

    private void Clear(long slot)
    {
        int at = (int)(slot % length);
        _requests[at] = 0;
        _failures[at] = 0;
        _latencies.AsSpan(3 * at, 3).Fill(Half.NaN);
    }

    private static uint Sum(uint some, uint more) => (uint)Math.Min((ulong)some + more, uint.MaxValue);
}
