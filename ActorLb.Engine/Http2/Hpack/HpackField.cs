namespace ActorLb.Engine.Http2.Hpack;

/// <summary>Where one field stands in the text of its block.</summary>
/// <param name="NeverIndexed">Whoever passes the field on must write it as such again (RFC 7541, 6.2.3).</param>
internal readonly record struct HpackField(int NameStart, int NameLength, int ValueStart, int ValueLength, bool NeverIndexed);
