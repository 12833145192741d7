using System.Buffers.Binary;
using System.Diagnostics;

namespace ActorLb.Engine.Traces;

/// <summary>
/// Where a node's spans begin and end: activities of a source of its own, so that several nodes in one process are told apart. They are nobody's current
/// activity: a thread of an event loop serves another request in the next moment. Any thread.
/// </summary>
public sealed class SpanSource(TimeProvider time)
{
    public const string Name = "ActorLb";

    /// <summary>To listen to.</summary>
    public ActivitySource Source { get; } = new(Name);

    /// <summary>Somebody records spans.</summary>
    public bool IsHeard => Source.HasListeners();

    /// <summary>A span that is nobody's part; null where nobody records it.</summary>
    /// <param name="since">Null: now.</param>
    /// <param name="link">What brought it about; default: nothing that is known.</param>
    public Activity? BeginAlone(string name, DateTimeOffset? since = null, ActivityContext link = default) => Begin(
        name, ActivityKind.Internal, new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded), since, LinksTo(link));

    /// <summary>A span that is a part of another, or the first of its trace where that one has no id; null where nobody records it.</summary>
    public Activity? Begin(string name, ActivityKind kind, in ActivityContext parent, DateTimeOffset? since = null, IEnumerable<ActivityLink>? links = null)
    {
        Activity? span = Source.CreateActivity(name, kind, parent, tags: null, links);
        if (span is null)
        {
            return null;
        }

        Activity? current = Activity.Current;
        Activity.Current = null;
        span.SetStartTime((since ?? time.GetUtcNow()).UtcDateTime);
        span.Start();
        Activity.Current = current;
        return span;
    }

    /// <summary>It is over.</summary>
    public void End(Activity span)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        span.SetEndTime(now > span.StartTimeUtc ? now : span.StartTimeUtc.AddTicks(1));
        Activity? current = Activity.Current;
        span.Stop();
        Activity.Current = current;
    }

    /// <param name="cause">Default: there is none that is known.</param>
    internal static ActivityLink[]? LinksTo(in ActivityContext cause) => cause == default ? null : [new ActivityLink(cause)];

    internal static ulong IdOf(Activity span)
    {
        Span<byte> id = stackalloc byte[sizeof(ulong)];
        span.SpanId.CopyTo(id);
        return BinaryPrimitives.ReadUInt64BigEndian(id);
    }

    /// <summary>As activities have it: their ids are texts.</summary>
    internal static ActivityContext ContextOf(in TraceContext context, ulong span, string? state)
    {
        Span<byte> ids = stackalloc byte[3 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(ids, context.High);
        BinaryPrimitives.WriteUInt64BigEndian(ids[sizeof(ulong)..], context.Low);
        BinaryPrimitives.WriteUInt64BigEndian(ids[(2 * sizeof(ulong))..], span);
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(ids[..16]),
            span == 0 ? default : ActivitySpanId.CreateFromBytes(ids[16..]),
            ActivityTraceFlags.Recorded,
            state,
            isRemote: span != 0);
    }
}
