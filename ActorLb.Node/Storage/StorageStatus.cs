namespace ActorLb.Node.Storage;

/// <summary>Whether what the node knows is on disk.</summary>
public enum StorageState
{
    /// <summary>Everything older than the flush interval is in the file.</summary>
    Ok,

    /// <summary>The file cannot be written now; the node goes on and tries again each second.</summary>
    Failing,

    /// <summary>The file is left alone: a newer version of the product wrote it.</summary>
    Off,
}

/// <summary>What the admin API and the metrics show of the node's file.</summary>
/// <param name="Detail">What is wrong, or what was found wrong at the last start; null where nothing was.</param>
/// <param name="Since">When the state last changed.</param>
/// <param name="Bytes">Size of the file and its write-ahead log.</param>
/// <param name="UnwrittenFor">How long the oldest change that is not on disk has been waiting; zero while all is well.</param>
public sealed record StorageStatus(StorageState State, string? Detail, DateTimeOffset Since, long Bytes, TimeSpan UnwrittenFor);
