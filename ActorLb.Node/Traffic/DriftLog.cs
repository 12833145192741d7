using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Traffic;

/// <summary>Says once that a node goes by another configuration than this one, and once that it does not any more. Used by one actor.</summary>
internal sealed class DriftLog(ILogger logger, TimeProvider time)
{
    /// <summary>A change reaches all nodes well within it; files that are rolled out may take longer, and that is worth a line.</summary>
    public static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Differing> _differing = new(StringComparer.Ordinal);

    /// <param name="own">Of what is in force here.</param>
    /// <param name="others">What is in force at each other node; null where that is not known.</param>
    public void Look(uint own, IReadOnlyCollection<(string Node, uint? Fingerprint)> others)
    {
        foreach (string gone in _differing.Keys.Where(k => others.All(o => o.Node != k)).ToArray())
        {
            _differing.Remove(gone);
        }

        foreach ((string node, uint? fingerprint) in others)
        {
            if (fingerprint is { } theirs)
            {
                Look(node, own, theirs);
            }
        }
    }

    private void Look(string node, uint own, uint theirs)
    {
        bool isKnown = _differing.TryGetValue(node, out Differing? differing);
        if (own == theirs)
        {
            if (_differing.Remove(node) && differing!.IsTold)
            {
                Log.ConfigurationSame(logger, node, own);
            }
        }
        else if (!isKnown)
        {
            _differing[node] = new Differing(time.GetTimestamp(), IsTold: false);
        }
        else if (!differing!.IsTold && time.GetElapsedTime(differing.Since) >= ToldAfter)
        {
            _differing[node] = differing with { IsTold = true };
            Log.ConfigurationDiffers(logger, node, theirs, own);
        }
    }

    private sealed record Differing(long Since, bool IsTold);
}
