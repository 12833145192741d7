namespace ActorLb.Engine.Http2.Hpack;

/// <summary>What became of a header block.</summary>
internal enum HpackStatus : byte
{
    /// <summary>All fields are there.</summary>
    Done,

    /// <summary>Not all fields had room. The block was read to its end, so that the table is right: the connection can go on.</summary>
    TooLarge,

    /// <summary>A COMPRESSION_ERROR: the connection has to end (RFC 9113, 4.3).</summary>
    Broken,
}
