namespace ActorLb.Engine.Rates;

/// <summary>Counts requests by keys. Any thread.</summary>
internal interface IRateCounter
{
    /// <summary>Counts a request where it is within the limit.</summary>
    /// <param name="now">By a steady clock.</param>
    /// <returns>Zero where it is; else in how long there may be room for one.</returns>
    TimeSpan Take(ulong key, TimeSpan now);
}
