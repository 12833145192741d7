namespace ActorLb.Bench.Partitions;

/// <summary>A client's session: the first cookie that it was given, which it sends for ever, and every home that it was seen at.</summary>
internal sealed class StickySession(string cookie, string home, int? onlyAt)
{
    private readonly Lock _gate = new();
    private readonly List<string> _homes = [home];

    public string Cookie { get; } = cookie;

    /// <summary>The node that made it during a cut, and the only one that its client reaches until it ends; null for all.</summary>
    public int? OnlyAt { get; } = onlyAt;

    public string FirstHome => _homes[0];

    /// <summary>In the order in which they were first seen.</summary>
    public string[] Homes
    {
        get
        {
            lock (_gate)
            {
                return [.. _homes];
            }
        }
    }

    public void SeenAt(string home)
    {
        lock (_gate)
        {
            if (!_homes.Contains(home))
            {
                _homes.Add(home);
            }
        }
    }
}
