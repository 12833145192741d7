using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Traces;

/// <summary>What a backend gets of a request's trace. Pure.</summary>
internal static class TraceFields
{
    public const string Parent = "traceparent";

    private static readonly KnownFieldSet OfParent = KnownFieldSet.Of(KnownField.TraceParent);

    private static readonly KnownFieldSet OfBoth = KnownFieldSet.Of(KnownField.TraceParent, KnownField.TraceState);

    /// <summary>Which fields of the request do not go on as they are: tracestate alone says nothing (Trace Context Level 2, 3.3.1).</summary>
    public static KnownFieldSet Replaced(in RequestTrace trace) => trace.GoesOn ? OfParent : OfBoth;

    /// <summary>The value of traceparent for who is asked about the request before it has an attempt: a part of the request's own span.</summary>
    public static string TextBefore(in RequestTrace trace)
    {
        Span<byte> value = stackalloc byte[TraceParent.Bytes];
        TraceParent.Write(trace.Request is { } request ? trace.Context with { Span = SpanSource.IdOf(request) } : trace.Context, value);
        return Encoding.ASCII.GetString(value);
    }

    public static void Write(ref HeadBuffer target, in RequestTrace trace)
    {
        Span<byte> value = stackalloc byte[TraceParent.Bytes];
        TraceParent.Write(trace.Context, value);
        target.AppendLine("traceparent: "u8, value);
    }
}
