using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Events.Sources;

/// <summary>
/// Has all sources look twice a second: what has happened is seen in what the parts of the node show of themselves anyway, and none of
/// them knows of events. Needs no control plane.
/// </summary>
internal sealed class EventSources(IEventSink events, TimeProvider time, ILogger logger, params IEventSource[] sources) : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly Lock _look = new();
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>Looks from now on.</summary>
    public void Start()
    {
        lock (_look)
        {
            if (!_isDisposed)
            {
                _timer ??= time.CreateTimer(static s => ((EventSources)s!).Look(), this, Period, Period);
            }
        }
    }

    public void Dispose()
    {
        lock (_look)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    internal void Look()
    {
        // A look that takes long is no reason for two at once.
        if (!_look.TryEnter())
        {
            return;
        }

        try
        {
            foreach (IEventSource source in _isDisposed ? [] : sources)
            {
                Look(source);
            }
        }
        finally
        {
            _look.Exit();
        }
    }

    private void Look(IEventSource source)
    {
        try
        {
            source.Look(events);
        }
        catch (Exception e)
        {
            // Whatever is wrong with one, the others look.
            Log.EventSourceFailed(logger, e, source.GetType().Name);
        }
    }
}
