using System.Diagnostics.CodeAnalysis;

namespace ActorLb.Node.Events;

/// <summary>
/// What this node has decided for operators and no event tells yet, each decision by itself however soon another follows, and who asked for it: decisions themselves do not say that, so that
/// what nodes tell each other and keep on disk stays what it was. Any thread.
/// </summary>
internal sealed class DecisionsTaken<TDecision>
{
    /// <summary>More than are decided between two looks; the oldest go untold beyond it.</summary>
    public const int Max = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<(TDecision Decision, string? Who)> _untold = new();

    /// <param name="who">Null: nobody knows.</param>
    public void Add(TDecision decision, string? who)
    {
        lock (_gate)
        {
            _untold.Enqueue((decision, who));
            if (_untold.Count > Max)
            {
                _untold.Dequeue();
            }
        }
    }

    /// <summary>The oldest, which is told now.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TDecision decision, out string? who)
    {
        lock (_gate)
        {
            bool isThere = _untold.TryDequeue(out (TDecision Decision, string? Who) taken);
            (decision, who) = taken;
            return isThere;
        }
    }
}
