using System.Diagnostics;

namespace ActorLb.Engine.Traces;

/// <summary>One request in its trace. Default where traces are off: then what the client says of its own is passed on as any field. Written by <see cref="RequestTraces"/>.</summary>
internal struct RequestTrace
{
    /// <summary>What the backend gets; its span is of the present attempt.</summary>
    public TraceContext Context;

    /// <summary>The client's part of the trace; 0: the trace begins here.</summary>
    public ulong Parent;

    public bool IsOn;

    /// <summary>The span of the request; null: it is not recorded.</summary>
    public Activity? Request;

    /// <summary>The span of the present attempt; null: there is none, or it is not recorded.</summary>
    public Activity? Attempt;

    /// <summary>The client's trace goes on, and its tracestate with it.</summary>
    public readonly bool GoesOn => Parent != 0;
}
