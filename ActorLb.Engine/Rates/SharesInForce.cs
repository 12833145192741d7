namespace ActorLb.Engine.Rates;

/// <summary>How many nodes share limits now. One for each data plane. Any thread; changed by one.</summary>
internal sealed class SharesInForce
{
    private volatile View _now = new(1, 0);

    public View Now => _now;

    /// <summary>Others are in, or this node sees them so: what was handed out before does not hold any more.</summary>
    public void Follow(int nodes, uint number) => _now = new View(Math.Max(1, nodes), number);

    /// <param name="Nodes">This one included.</param>
    /// <param name="Number">Another one for other members.</param>
    internal sealed record View(int Nodes, uint Number)
    {
        /// <summary>Of a limit that nobody hands out: each node has as much.</summary>
        public double Even { get; } = 1.0 / Nodes;
    }
}
