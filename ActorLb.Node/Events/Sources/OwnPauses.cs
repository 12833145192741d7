namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Whether this node itself stood still lately, frozen or without a processor. Nobody answered it meanwhile, and what it believes of the others right then is about itself.
/// Any thread.
/// </summary>
internal sealed class OwnPauses(TimeProvider time)
{
    /// <summary>As long as the failure detector waits for a heartbeat that is late (akka.conf): who stood still for less calls nobody unreachable by it.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    /// <summary>Until the others have answered, or have told it that they went on without it.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _awakeAt;
    private long? _wokeAt;

    /// <summary>It is awake: at each look, twice a second. Before the first one it starts, and nothing is known.</summary>
    public void Awake()
    {
        lock (_gate)
        {
            LookBack();
            _awakeAt = time.GetTimestamp();
        }
    }

    /// <summary>It stood still, and has not been back for long enough.</summary>
    public bool HasJustWoken()
    {
        lock (_gate)
        {
            LookBack();
            return _wokeAt is { } woke && time.GetElapsedTime(woke) < Settling;
        }
    }

    private void LookBack()
    {
        if (_awakeAt is { } awake && time.GetElapsedTime(awake) > PauseMax)
        {
            _awakeAt = _wokeAt = time.GetTimestamp();
        }
    }
}
