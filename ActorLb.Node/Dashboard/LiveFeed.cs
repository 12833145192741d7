using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Dashboard;

/// <summary>
/// What is happening, once a second, for all who follow it: made once for all of them, while there is anybody, and never waited for one who
/// reads too slowly. Any thread.
/// </summary>
/// <param name="make">A message: what is happening now.</param>
internal sealed class LiveFeed(TimeProvider time, Func<Task<byte[]>> make, ILogger logger)
{
    /// <summary>People with a page open at this node; each of them is one connection.</summary>
    public const int FollowersMax = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<LiveFollower> _followers = [];
    private bool _isRunning;
    private bool _isClosed;
    private long _dropped;

    /// <summary>Those who read too slowly, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _followers.Count;
            }
        }
    }

    /// <summary>Null: there are too many, or the node is stopping. Else it asks for one <see cref="Leave"/>.</summary>
    public LiveFollower? TryFollow()
    {
        lock (_lock)
        {
            if (_isClosed || _followers.Count >= FollowersMax)
            {
                return null;
            }

            var follower = new LiveFollower();
            _followers.Add(follower);
            if (!_isRunning)
            {
                _isRunning = true;
                _ = RunAsync();
            }

            return follower;
        }
    }

    public void Leave(LiveFollower follower)
    {
        lock (_lock)
        {
            _followers.Remove(follower);
        }
    }

    /// <summary>Nobody follows any more: the node stops.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (LiveFollower follower in _followers)
            {
                follower.End();
            }

            _followers.Clear();
        }
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (Goes())
        {
            long began = time.GetTimestamp();
            try
            {
                Give(await make().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                Log.LiveFeedFailed(logger, e);
            }

            TimeSpan rest = Interval - time.GetElapsedTime(began);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time).ConfigureAwait(false);
        }
    }

    private bool Goes()
    {
        lock (_lock)
        {
            return _isRunning = _followers.Count > 0;
        }
    }

    private void Give(byte[] message)
    {
        lock (_lock)
        {
            foreach (LiveFollower slow in _followers.Where(f => !f.Give(message)).ToArray())
            {
                _followers.Remove(slow);
                Interlocked.Increment(ref _dropped);
                slow.Drop();
            }
        }
    }
}
