namespace ActorLb.Engine.Transport;

/// <summary>A socket of a loop and whoever deals with its news. All calls come from the loop's thread.</summary>
internal abstract class EventSource : TimedEntry
{
    /// <summary>The descriptor; negative where there is none (any more).</summary>
    public int Socket { get; internal set; } = -1;

    /// <summary>Where the loop keeps it; negative: not registered.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>It waits for its turn after the others.</summary>
    internal bool IsResuming { get; set; }

    protected internal abstract void OnReady(Readiness readiness);

    /// <summary>Its turn has come again after <see cref="EventLoop.Resume"/>.</summary>
    protected internal virtual void OnResume()
    {
    }
}
