namespace ActorLb.Bench.Comparison;

/// <summary>A balancer that is measured: one or more processes behind one address.</summary>
/// <param name="Compiles">It is compiled while it runs, and needs longer to be as fast as it can be.</param>
internal sealed record Contender(string Name, string Address, bool Compiles, params BenchProcess[] Processes) : IAsyncDisposable
{
    /// <summary>Only the first one's: what else it needs is not what it costs.</summary>
    public double ProcessorSeconds() => Processes[0].ProcessorSeconds();

    public long ResidentBytes() => Processes[0].ResidentBytes();

    public async ValueTask DisposeAsync()
    {
        foreach (BenchProcess process in Processes)
        {
            await process.DisposeAsync();
        }
    }
}
