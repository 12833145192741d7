using ActorLb.Engine.Balancing;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Balancing;

/// <summary>A pool whose backends are up, but for what a test says of them; what they carry stays from snapshot to snapshot.</summary>
internal sealed class BalancedPool
{
    private readonly Dictionary<string, BackendTraffic> _traffic = new(StringComparer.Ordinal);
    private readonly RotationCursor _cursor = new();
    private PoolSettings _settings;
    private Func<string, BackendCondition> _condition = _ => Up;

    public BalancedPool(BalanceKind kind, params int[] weights)
    {
        _settings = TestPools.Pool("web") with
        {
            Backends = [.. weights.Select((w, i) => new BackendSettings($"s:{i + 1}", new Uri($"http://s:{i + 1}"), w))],
            Balance = new BalanceSettings(kind, HashOn.Path, ""),
        };
        Now = Anew();
    }

    public static BackendCondition Up { get; } = new(BackendHealth.Up, DateTimeOffset.UnixEpoch, OperatorState.Ready, null, DrainOver: false, SlowStartShare: 1);

    public PoolSnapshot Now { get; private set; }

    public static int[] Ones(int count) => [.. Enumerable.Repeat(1, count)];

    /// <summary>The next snapshot, made from the one before as a router does.</summary>
    public void Set(Func<string, BackendCondition> condition)
    {
        _condition = condition;
        Now = RoutingSnapshots.Pool(_settings, condition, Traffic, _cursor, Now);
    }

    public void Set(Func<PoolSettings, PoolSettings> change)
    {
        _settings = change(_settings);
        Now = Anew();
    }

    public void Down(params string[] ids) => Set(id => ids.Contains(id) ? Up with { Health = BackendHealth.Down } : Up);

    /// <summary>Takes as many places there.</summary>
    public void Load(int place, int requests)
    {
        for (int i = 0; i < requests; i++)
        {
            Now.Backends[place].Traffic.Gate.TryEnter(0);
        }
    }

    public void Leave(int place) => Now.Backends[place].Traffic.Gate.Leave();

    public int Next(BalanceKey key = default) => Now.Policy.Next(_cursor, key, before: -1);

    public string Chosen(BalanceKey key) => Now.Backends[Next(key)].Id;

    /// <summary>How many of so many requests each gets, none of which takes any time.</summary>
    public int[] Counts(int requests)
    {
        var counts = new int[Now.Backends.Length];
        for (int i = 0; i < requests; i++)
        {
            counts[Next()]++;
        }

        return counts;
    }

    private PoolSnapshot Anew() => RoutingSnapshots.Pool(_settings, _condition, Traffic, _cursor);

    private BackendTraffic Traffic(string id) => _traffic.TryGetValue(id, out BackendTraffic? known) ? known : _traffic[id] = new BackendTraffic();
}
