namespace ActorLb.Engine.Exchanges;

/// <summary>When the steps of one request were, in timestamps of the time provider. Written by <see cref="ExchangeMeasurements"/>.</summary>
internal struct ExchangeTimes
{
    /// <summary>Its head was there.</summary>
    public long BeganAt;

    /// <summary>It went out to the backend that was asked last.</summary>
    public long SentAt;

    /// <summary>The first byte of that one's answer came; 0: none has.</summary>
    public long AnsweredAt;

    /// <summary>How often a backend was to get it.</summary>
    public int Attempts;

    /// <summary>Ticks of a TimeSpan in queues for a place; 0: it waited in none.</summary>
    public long QueueTicks;

    /// <summary>Ticks of a TimeSpan for connections that were made for it; 0: none was.</summary>
    public long ConnectTicks;
}
