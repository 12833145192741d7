using System.Collections.Immutable;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>What one who waits for a drain has seen of it: how much there was, how fast it leaves, and when it is over. Pure.</summary>
internal sealed record DrainProgressState
{
    /// <summary>The rate is that of this last time: a drain has its pauses.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Over less, one session more or less would be another rate.</summary>
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);

    public static readonly DrainProgressState Initial = new();

    private ImmutableQueue<(DateTimeOffset At, int Sessions, int Left)> Samples { get; init; } = [];

    private int Most { get; init; }

    /// <summary>The last that was seen.</summary>
    public DrainsDocument.Drain? Drain { get; private init; }

    private DateTimeOffset Now { get; init; }

    /// <summary>0 to 1.</summary>
    public double Done => Most == 0 || Drain is null ? 1 : 1 - (Left(Drain) / (double)Most);

    /// <summary>What leaves a second: sessions, or where none are left what is open; 0 where nothing does, null where it is not known yet.</summary>
    public double? Rate
    {
        get
        {
            if (Drain is null || Samples.IsEmpty || Samples.Peek() is var first && Now - first.At < ShortestWindow)
            {
                return null;
            }

            int left = first.Sessions > 0 ? first.Sessions - Drain.Sessions : first.Left - Left(Drain);
            return Math.Max(0, left) / (Now - first.At).TotalSeconds;
        }
    }

    /// <summary>How long it still takes; null where nobody can say.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            if (Drain is null or { NobodyElse: true, Sessions: > 0 })
            {
                return null;
            }

            // What should be over by now takes as long as what is left of it does.
            TimeSpan? planned = new[] { Drain.Deadline - Now, Drain.Sessions > 0 ? Drain.Moving?.Ends - Now : null }.Where(t => t > TimeSpan.Zero).Min();
            int left = Drain.Sessions > 0 ? Drain.Sessions : Left(Drain);
            TimeSpan? estimated = Rate is > 0 and var rate ? TimeSpan.FromSeconds(Math.Min(left / rate, DrainDeadline.Longest.TotalSeconds)) : null;
            return Drain.Moving is not null && planned is not null ? planned
                : estimated is null || planned < estimated ? planned
                : estimated;
        }
    }

    public DrainProgressState With(DrainsDocument.Drain drain, DateTimeOffset now)
    {
        ImmutableQueue<(DateTimeOffset At, int Sessions, int Left)> samples = Samples.Enqueue((now, drain.Sessions, Left(drain)));
        while (samples.Peek().At < now - Window || samples.Peek().At > now)
        {
            samples = samples.Dequeue();
        }

        return this with { Drain = drain, Now = now, Samples = samples, Most = Math.Max(Most, Left(drain)) };
    }

    private static int Left(DrainsDocument.Drain drain) => drain.Sessions + drain.Requests + drain.Tunnels;
}
