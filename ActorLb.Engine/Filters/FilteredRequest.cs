using System.Net;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traces;

namespace ActorLb.Engine.Filters;

/// <summary>A request as a filter sees it.</summary>
/// <param name="source">Its head, into which head and fields are offsets.</param>
/// <param name="client">Of its client: the peer, or the one whom a trusted proxy names.</param>
/// <param name="isSecure">Its client came by TLS, to us or to a proxy that we believe.</param>
/// <param name="trace">Where it stands in its trace.</param>
/// <param name="now">By a steady clock.</param>
internal readonly ref struct FilteredRequest(
    ReadOnlySpan<byte> source, ref readonly RequestHead head, ReadOnlySpan<HeaderField> fields, IPAddress client, bool isSecure, ref readonly RequestTrace trace, TimeSpan now)
{
    public readonly ReadOnlySpan<byte> Source = source;
    public readonly ref readonly RequestHead Head = ref head;
    public readonly ReadOnlySpan<HeaderField> Fields = fields;
    public readonly IPAddress Client = client;
    public readonly bool IsSecure = isSecure;
    public readonly ref readonly RequestTrace Trace = ref trace;
    public readonly TimeSpan Now = now;
}
