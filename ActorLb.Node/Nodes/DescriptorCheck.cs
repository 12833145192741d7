using ActorLb.Engine;
using ActorLb.Engine.Listeners;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Nodes;

/// <summary>
/// Sees to it that clients never take the descriptors that the node itself needs: without one in the wrong moment the
/// runtime ends the process.
/// </summary>
internal sealed class DescriptorCheck(DataPlane plane, ILogger logger)
{
    /// <summary>A node has 300 or so before its first client, most of them for libraries, two each.</summary>
    private const int LimitMin = 512;

    private const string Raise = "raise it with ulimit -n, LimitNOFILE= or ulimits.nofile";

    /// <summary>Before anything is opened.</summary>
    /// <exception cref="IOException">The system gives too few for any node.</exception>
    public static void BeforeStart()
    {
        if (OpenFiles.OfThisProcess() is { } files && files.Limit < LimitMin)
        {
            throw new IOException($"the system gives this process {files.Limit} descriptors, and a node needs {LimitMin} at least: {Raise}");
        }
    }

    // Null before the listeners open, and where the system does not tell.
    private OpenFiles? _before;
    private DescriptorShares? _fitted;
    private DescriptorShares? _told;
    private long _toldWanted;

    /// <summary>When all is open but the listeners: lowers what is let in to what there is room for, and says what that is.</summary>
    /// <exception cref="IOException">There is room for nobody.</exception>
    public void BeforeListening(Topology topology)
    {
        if (OpenFiles.OfThisProcess() is not { } files)
        {
            return;
        }

        if (!TryFit(topology, files))
        {
            throw new IOException($"of the {files.Limit} descriptors that the system gives this process, {files.Used} are in use before the first client, which leaves too few: {Raise}");
        }

        _before = files;
    }

    /// <summary>The same for what is in force from now on; where there were too few, all stays as it was.</summary>
    public void Follow(Topology topology)
    {
        if (_before is { } files)
        {
            TryFit(topology, files);
        }
    }

    private bool TryFit(Topology topology, OpenFiles files)
    {
        int max = topology.Limits.ConnectionsMax;
        long wanted = max > 0 ? (long)max * topology.Listeners.Length : long.MaxValue / 4;
        int backends = topology.Pools.Values.Sum(p => p.Backends.Length);
        if (DescriptorPolicy.Divide(files.Limit, files.Used, backends, wanted) is not { } shares)
        {
            return false;
        }

        if (shares == _fitted && wanted == _toldWanted)
        {
            return true;
        }

        // A backend more or less takes two: nobody needs a line for each.
        bool isNews = _told is not { } told || _toldWanted != wanted || Math.Abs(told.Clients - shares.Clients) > told.Clients / 10;
        _fitted = shares;
        plane.Connections.Fit(shares);
        if (!isNews)
        {
            return true;
        }

        _told = shares;
        _toldWanted = wanted;
        if (max > 0 && shares.Clients < wanted)
        {
            Log.DescriptorsTooFew(logger, files.Limit, files.Used, shares.Reserve, shares.Clients, max, Raise);
        }
        else
        {
            Log.DescriptorsEnough(logger, files.Limit, files.Used, shares.Reserve, shares.Clients);
        }

        return true;
    }
}
