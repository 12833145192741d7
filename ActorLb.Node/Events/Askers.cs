namespace ActorLb.Node.Events;

/// <summary>
/// Who asked this node for what it has decided, until the event about it is made: decisions themselves do not say it, so that what nodes tell each other and
/// keep on disk stays what it was. The latest are known; of those before this start none is. Any thread.
/// </summary>
/// <typeparam name="TDecision">What names a decision.</typeparam>
internal sealed class Askers<TDecision>
    where TDecision : notnull
{
    /// <summary>More than are decided between two looks at what was decided.</summary>
    public const int Max = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<TDecision, string> _who = [];
    private readonly Queue<TDecision> _order = new();

    /// <summary>Before the decision is seen by anybody.</summary>
    /// <param name="who">Null: nobody knows.</param>
    public void Remember(TDecision decision, string? who)
    {
        if (who is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_who.TryAdd(decision, who))
            {
                _order.Enqueue(decision);
            }

            _who[decision] = who;
            if (_order.Count > Max)
            {
                _who.Remove(_order.Dequeue());
            }
        }
    }

    /// <returns>Null: that is not known.</returns>
    public string? Of(TDecision decision)
    {
        lock (_gate)
        {
            return _who.GetValueOrDefault(decision);
        }
    }
}
