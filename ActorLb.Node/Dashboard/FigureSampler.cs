using ActorLb.Engine;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Dashboard;

/// <summary>Looks each second at what the data plane has counted, for as long as the process lives, whatever the actors do.</summary>
internal sealed class FigureSampler : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly DataPlane _plane;
    private readonly FigureSource _source;
    private readonly FigureRings _rings;
    private readonly NodeLoad _load;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private int _isSampling;

    /// <summary>Begins at once.</summary>
    public FigureSampler(DataPlane plane, FigureRings rings, NodeLoad load, ILogger logger)
    {
        _plane = plane;
        _source = new FigureSource(plane);
        _rings = rings;
        _load = load;
        _logger = logger;
        _timer = plane.Time.CreateTimer(static sampler => ((FigureSampler)sampler!).Sample(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        // A second that took longer than one is counted with the next.
        if (Interlocked.Exchange(ref _isSampling, 1) != 0)
        {
            return;
        }

        try
        {
            _load.Sample();
            _rings.Sample(_plane.Clock.UtcNow.ToUnixTimeSeconds(), _source.Read());
        }
        catch (Exception e)
        {
            Log.FiguresUnread(_logger, e);
        }
        finally
        {
            Volatile.Write(ref _isSampling, 0);
        }
    }
}
