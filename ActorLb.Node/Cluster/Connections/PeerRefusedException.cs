namespace ActorLb.Node.Cluster.Connections;

/// <summary>Who connected, or was connected to, is none of us. The message follows its address in the log.</summary>
internal sealed class PeerRefusedException(string why, Exception? cause = null) : Exception(why, cause)
{
    /// <summary>False where a node of ours that ends at this moment would look the same.</summary>
    public bool IsCertain { get; init; } = true;
}
