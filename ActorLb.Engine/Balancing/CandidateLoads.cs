using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Balancing;

/// <summary>
/// What candidates carry now, side by side: the requests that this node has there and those that wait for a place, tunnels
/// included. Comparisons are per weight, without a division.
/// </summary>
internal sealed class CandidateLoads
{
    private readonly BackendGate[] _gates;
    private readonly int[] _weights;
    private readonly int[] _places;
    private readonly int[] _indexOfPlace;

    /// <param name="places">Of all backends of the pool.</param>
    public CandidateLoads(Candidate[] candidates, int places)
    {
        _gates = [.. candidates.Select(c => c.Gate)];
        _weights = [.. candidates.Select(c => c.Weight)];
        _places = [.. candidates.Select(c => c.Place)];
        _indexOfPlace = new int[places];
        for (int i = 0; i < candidates.Length; i++)
        {
            _indexOfPlace[candidates[i].Place] = i;
        }
    }

    public int Count => _gates.Length;

    public int IndexOf(int place) => _indexOfPlace[place];

    public int PlaceOf(int index) => _places[index];

    public long Of(int index) => _gates[index].Load;

    /// <summary>
    /// With another request one would carry no more than the other carries now: the turn passes to it. With equal weights, it has
    /// fewer. So weights hold also where there are few requests at a time: one of weight 1 does not get whatever comes
    /// while one of weight 256 is not idle.
    /// </summary>
    /// <param name="load">Of the one.</param>
    /// <param name="otherLoad">Of the other.</param>
    public bool IsLess(int index, long load, int other, long otherLoad) => (load + 1) * _weights[other] <= otherLoad * _weights[index];

    /// <summary>With another request one would carry less than the other would.</summary>
    /// <inheritdoc cref="IsLess"/>
    public bool IsLeft(int index, long load, int other, long otherLoad) => (load + 1) * _weights[other] < (otherLoad + 1) * _weights[index];
}
