using System.Globalization;
using ActorLb.Engine;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster.Clocks;

/// <summary>Logs which clocks are wrong, once each time that one begins or ends to be, and when the time of sessions was set.</summary>
internal sealed class ClockReport(DataPlane plane, ILogger logger)
{
    // Whose clock was told to be wrong, and whether a majority said so.
    private readonly Dictionary<string, bool> _off = [];

    /// <summary>A tenth of the shortest idle timeout, milliseconds.</summary>
    public long Bound => BoundOf(plane.Topology);

    public static long BoundOf(Topology topology) => (long)(topology.ShortestIdleTimeout.TotalMilliseconds / 10);

    public void Tell(ClockState before, ClockState after)
    {
        if (after.Steps != before.Steps)
        {
            Log.SessionTimeSet(
                logger,
                after.Base > before.Base ? "forward" : "back",
                Span(after.Base - before.Base),
                after.Samples.Count == 0 ? "this node's clock shows" : $"the clocks of {after.Samples.Count + 1} nodes show");
        }

        Check(plane.Settings.Name, after.Offset, 0, after);
        foreach ((string node, ClockSample sample) in after.Samples)
        {
            Check(node, after.OffsetOf(node)!.Value, sample.Error, after);
        }

        foreach (string gone in _off.Keys.Where(n => n != plane.Settings.Name && !after.Samples.ContainsKey(n)).ToArray())
        {
            _off.Remove(gone);
        }
    }

    public void StartsAnew() => Log.SessionsCutOffByClock(logger);

    private void Check(string node, long offset, long error, ClockState state)
    {
        if (Math.Abs(offset) - error >= Bound)
        {
            bool isAgreed = state.Samples.Count > 1;
            if (!_off.TryGetValue(node, out bool wasAgreed) || (isAgreed && !wasAgreed))
            {
                _off[node] = isAgreed;
                Log.ClockOff(
                    logger,
                    node,
                    Span(offset),
                    offset > 0 ? "ahead of" : "behind",
                    isAgreed ? "what most nodes' clocks show" : "the other node's, and which of both is wrong nobody can tell");
            }
        }
        else if (Math.Abs(offset) < Bound && _off.Remove(node))
        {
            Log.ClockGood(logger, node);
        }
    }

    private static string Span(long milliseconds) =>
        TimeSpan.FromSeconds(Math.Round(Math.Abs(milliseconds) / 1000.0, 1)) switch
        {
            { TotalDays: >= 2 } days => string.Create(CultureInfo.InvariantCulture, $"{days.TotalDays:0.#} d"),
            { TotalHours: >= 2 } hours => string.Create(CultureInfo.InvariantCulture, $"{hours.TotalHours:0.#} h"),
            { TotalMinutes: >= 2 } minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes.TotalMinutes:0.#} min"),
            var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.TotalSeconds:0.#} s"),
        };
}
