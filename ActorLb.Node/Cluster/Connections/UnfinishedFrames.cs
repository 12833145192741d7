namespace ActorLb.Node.Cluster.Connections;

/// <summary>The memory of large frames that are not whole, over all connections whose peers proved nothing.</summary>
internal sealed class UnfinishedFrames(long bytesMax)
{
    private long _taken;

    /// <summary>Also of less than nothing, which is given back. False, and nothing taken, where there is not so much left.</summary>
    public bool Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax || bytes <= 0)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
