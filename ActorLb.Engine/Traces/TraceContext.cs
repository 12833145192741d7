namespace ActorLb.Engine.Traces;

/// <summary>Where a request stands in a trace (W3C Trace Context): the trace, whose part of it the request is, and its flags.</summary>
/// <param name="High">The first half of the trace's id.</param>
/// <param name="Low">The other half, which is random where its first byte may not be (Trace Context Level 2, 3.3).</param>
/// <param name="Span">The id of the part that it is of; 0: of none, it begins the trace.</param>
internal readonly record struct TraceContext(ulong High, ulong Low, ulong Span, TraceFlags Flags)
{
    public bool IsSampled => (Flags & TraceFlags.Sampled) != 0;
}

/// <summary>What traceparent says of a trace beside its ids. Other bits are not passed on (Trace Context Level 2, 3.2.2.5).</summary>
[Flags]
internal enum TraceFlags : byte
{
    None = 0,

    /// <summary>Whoever asked may have recorded its part.</summary>
    Sampled = 1,

    /// <summary>The last seven bytes of the trace's id are random.</summary>
    RandomId = 2,

    Known = Sampled | RandomId,
}
