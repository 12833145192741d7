using ActorLb.Engine.Clients;

namespace ActorLb.Node.Admin;

/// <summary>
/// How many tokens of each address are still looked at: <see cref="AtOnce"/> wrong ones, then one a second. What is beyond is
/// not compared at all, so that whoever guesses in parallel learns nothing more. Right ones cost nothing. Any thread.
/// </summary>
internal sealed class TokenGuesses(TimeProvider time)
{
    public const int AtOnce = 10;

    /// <summary>Until one more is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Addresses that are remembered; with more, the one that guessed longest ago is forgotten.</summary>
    public const int AddressesMax = 4096;

    private readonly Lock _lock = new();

    // When the last of its guesses is forgiven, in the time provider's ticks.
    private readonly Dictionary<ClientKey, long> _forgivenAt = [];
    private long _wrong;
    private long _unread;

    private long PerGuess => (long)(Interval.TotalSeconds * time.TimestampFrequency);

    /// <summary>Tokens that were not the right one.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>Tokens that were not looked at.</summary>
    public long Unread => Interlocked.Read(ref _unread);

    /// <summary>Whether a token may be looked at. True asks for one <see cref="Settle"/>.</summary>
    public bool TryTake(ClientKey client)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            long forgivenAt = Math.Max(now, _forgivenAt.GetValueOrDefault(client, now)) + PerGuess;
            if (forgivenAt - now > AtOnce * PerGuess)
            {
                _unread++;
                return false;
            }

            if (_forgivenAt.Count >= AddressesMax && !_forgivenAt.ContainsKey(client))
            {
                Forget(now);
            }

            _forgivenAt[client] = forgivenAt;
            return true;
        }
    }

    /// <summary>It was looked at.</summary>
    public void Settle(ClientKey client, bool isRight)
    {
        lock (_lock)
        {
            if (!isRight)
            {
                _wrong++;
            }
            else if (_forgivenAt.TryGetValue(client, out long forgivenAt))
            {
                forgivenAt -= PerGuess;
                if (forgivenAt <= time.GetTimestamp())
                {
                    _forgivenAt.Remove(client);
                }
                else
                {
                    _forgivenAt[client] = forgivenAt;
                }
            }
        }
    }

    private void Forget(long now)
    {
        foreach (ClientKey old in _forgivenAt.Where(f => f.Value <= now).Select(f => f.Key).ToArray())
        {
            _forgivenAt.Remove(old);
        }

        if (_forgivenAt.Count >= AddressesMax)
        {
            _forgivenAt.Remove(_forgivenAt.MinBy(f => f.Value).Key);
        }
    }
}
