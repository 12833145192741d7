using System.Diagnostics;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Traces;

/// <summary>Finds the traces of requests, or begins them, and decides which are recorded. Any thread.</summary>
public sealed class RequestTraces
{
    private readonly TraceRatio _ratio;
    private readonly TraceBound? _bound;
    private long _taken;
    private long _refused;

    internal RequestTraces(TraceSettings settings, TimeProvider time)
    {
        Spans = new SpanSource(time);
        _ratio = new TraceRatio(settings.Sample);
        _bound = settings.IsOn ? new TraceBound(settings.PerSecondMax, time.TimestampFrequency) : null;
    }

    public SpanSource Spans { get; }

    /// <summary>The span of what made a pool's sessions leave a backend; default: none is known.</summary>
    public Func<string, BackendKey, MoveReason, ActivityContext> CauseOfMove { get; set; } = static (_, _, _) => default;

    public bool IsOn => _bound is not null;

    /// <summary>Traces of requests that were recorded here.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Those that were to be, and were too many in their second.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>A request has come.</summary>
    /// <param name="source">What the head and its fields are offsets into.</param>
    /// <param name="isTrusted">It comes from a trusted proxy.</param>
    /// <param name="now">A timestamp.</param>
    internal void Begin(ref RequestTrace trace, ReadOnlySpan<byte> source, in FieldSummary summary, ReadOnlySpan<HeaderField> fields, bool isTrusted, long now)
    {
        bool goesOn = TryFind(source, summary, fields, out TraceContext context);
        if (!goesOn)
        {
            context = new TraceContext(TraceIds.Next(), TraceIds.Next(), 0, TraceFlags.None);
        }

        bool isWanted = goesOn ? context.IsSampled : _ratio.Takes(context.Low);
        bool isSampled = isWanted && TryTake(goesOn && !isTrusted, now);
        trace.IsOn = true;
        trace.Parent = context.Span;
        trace.Context = context with
        {
            Span = TraceIds.Next(),

            // It says what was decided here: who is behind records nothing either of what lacks its middle.
            Flags = isSampled ? context.Flags | TraceFlags.Sampled : context.Flags & ~TraceFlags.Sampled,
        };
    }

    private static bool TryFind(ReadOnlySpan<byte> source, in FieldSummary summary, ReadOnlySpan<HeaderField> fields, out TraceContext context)
    {
        context = default;
        if (!summary.Has(KnownField.TraceParent) || summary.Repeated.Contains(KnownField.TraceParent))
        {
            return false;
        }

        ref readonly HeaderField field = ref fields[summary.LastOf(KnownField.TraceParent)];
        return (field.Traits & FieldTraits.Nominated) == 0 && TraceParent.TryRead(field.Value(source), out context);
    }

    private bool TryTake(bool isStranger, long now)
    {
        bool taken = _bound!.TryTake(isStranger, now);
        Interlocked.Increment(ref taken ? ref _taken : ref _refused);
        return taken;
    }
}
