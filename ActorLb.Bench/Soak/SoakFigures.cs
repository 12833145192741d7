using System.Globalization;

namespace ActorLb.Bench.Soak;

/// <summary>What a node holds at a moment. Bytes of memory; managed ones after a full collection.</summary>
internal sealed record SoakFigures(
    long Descriptors, long Clients, long BackendConnectionsKept, long InFlight, long LentBytes, long KeptBytes, long ManagedBytes, long ResidentBytes)
{
    /// <summary>Nothing of any request is left: what remains is the node itself.</summary>
    public bool IsAtRest => Clients == 0 && BackendConnectionsKept == 0 && InFlight == 0 && LentBytes == 0;

    public static SoakFigures Parse(string line)
    {
        long[] values = [.. line.Split(' ').Select(v => long.Parse(v, CultureInfo.InvariantCulture))];
        return new SoakFigures(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
    }

    public string ToLine() => string.Join(' ', Descriptors, Clients, BackendConnectionsKept, InFlight, LentBytes, KeptBytes, ManagedBytes, ResidentBytes);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Descriptors} descriptors, {Clients} clients, {BackendConnectionsKept} kept, {InFlight} in flight, {LentBytes:n0} bytes lent, {KeptBytes:n0} kept, {ManagedBytes:n0} managed, {ResidentBytes:n0} resident");
}
