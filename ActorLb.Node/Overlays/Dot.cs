namespace ActorLb.Node.Overlays;

/// <summary>One write of the registers, told from every other one.</summary>
/// <param name="Run">Of a process: nobody else writes with it, and it counts from there.</param>
/// <param name="Count">Grows with each write of the run.</param>
internal readonly record struct Dot(ulong Run, ulong Count) : IComparable<Dot>
{
    public int CompareTo(Dot other) => Run != other.Run ? Run.CompareTo(other.Run) : Count.CompareTo(other.Count);
}
