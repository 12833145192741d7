using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>A head before the final one (1xx).</summary>
/// <param name="Source">The backend's head; the fields and the head are offsets into it.</param>
internal readonly record struct InterimHead(ReadOnlyMemory<byte> Source, ResponseHead Head, ReadOnlyMemory<HeaderField> Fields);
