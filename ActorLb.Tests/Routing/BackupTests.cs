using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Health;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Routing;

/// <summary>Of web-0 and web-1, and of web-2 and web-3, which are backups.</summary>
public sealed class BackupTests
{
    private static readonly BackendCondition Up = new(BackendHealth.Up, default, OperatorState.Ready, null, DrainOver: false, SlowStartShare: 1);
    private static readonly BackendCondition Down = Up with { Health = BackendHealth.Down };
    private static readonly BackendCondition Unknown = Up with { Health = BackendHealth.Unknown };
    private static readonly BackendCondition Ejected = Up with { CircuitOpen = true };
    private static readonly BackendCondition Drains = Up with { Operator = OperatorState.Draining };
    private static readonly BackendCondition Maintained = Up with { Operator = OperatorState.Maintenance };

    public static TheoryData<string, int[]> Cases => new()
    {
        { "up up up up", [0, 1] },
        { "up down up up", [0] },
        { "down down up up", [2, 3] },
        { "down drains up down", [2] },
        { "maintained drains up up", [2, 3] },
        { "ejected up up up", [1] },
        { "ejected ejected up up", [2, 3] },
        { "ejected down ejected up", [3] },
        { "ejected ejected ejected ejected", [0, 1] },
        { "down down ejected ejected", [2, 3] },
        { "unknown unknown unknown unknown", [0, 1] },
        { "unknown unknown up up", [0, 1] },
        { "unknown up up up", [1] },
        { "unknown down up up", [2, 3] },
        { "drains drains unknown unknown", [2, 3] },
        { "drains drains down unknown", [] },
        { "down down down down", [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backups_take_new_sessions_while_nobody_else_does(string conditions, int[] expected) =>
        Assert.Equal(expected, Pool(WhenAllDown.Refuse, Of(conditions)).Rotation.WholeOrder());

    [Fact]
    public void A_pool_that_tries_all_tries_those_first_that_are_no_backups()
    {
        Assert.Equal([0, 1], Pool(WhenAllDown.TryAll, [Down, Down, Down, Down]).Rotation.WholeOrder());
        Assert.Equal([2, 3], Pool(WhenAllDown.TryAll, [Down with { CircuitOpen = true }, Maintained, Down, Down]).Rotation.WholeOrder());
        Assert.Equal([2, 3], Pool(WhenAllDown.TryAll, [Down, Down, Up, Up]).Rotation.WholeOrder());
    }

    [Fact]
    public void A_session_of_a_backup_stays_there_when_the_others_are_back()
    {
        PoolSnapshot pool = Pool(WhenAllDown.Refuse, [Up, Up, Up, Up]);
        Assert.True(pool.Backends[2] is { KeepsSessions: true, TakesNewSessions: false, IsBackup: true, StandsBy: true });
        Assert.Null(pool.BackupsSince);
    }

    [Fact]
    public void A_drain_ends_though_only_backups_take_over()
    {
        BackendCondition over = Drains with { DrainOver = true };
        Assert.True(Pool(WhenAllDown.Refuse, [over, Down, Up, Down]).Backends[0] is { DrainOver: true, KeepsSessions: false });
        Assert.True(Pool(WhenAllDown.Refuse, [over, Down, Down, Down]).Backends[0] is { DrainOver: false, KeepsSessions: true });
    }

    [Fact]
    public void Since_when_backups_are_used_is_known_from_snapshot_to_snapshot()
    {
        DateTimeOffset first = DateTimeOffset.UnixEpoch.AddDays(1);
        PoolSnapshot used = Pool(WhenAllDown.Refuse, [Down, Down, Up, Up], before: null, first);
        Assert.Equal(first, used.BackupsSince);
        PoolSnapshot still = Pool(WhenAllDown.Refuse, [Down, Down, Up, Down], used, first.AddDays(1));
        Assert.Equal(first, still.BackupsSince);
        Assert.Null(Pool(WhenAllDown.Refuse, [Up, Down, Up, Down], still, first.AddDays(2)).BackupsSince);
    }

    [Fact]
    public void Somebody_takes_new_sessions_wherever_somebody_is_up_and_ready_and_never_both_kinds()
    {
        BackendCondition[] all = [Up, Down, Unknown, Ejected, Drains, Maintained, Down with { CircuitOpen = true }];
        Gen<BackendCondition> any = Gen.Int[0, all.Length - 1].Select(i => all[i]);
        Gen.Select(any.Array[4], Gen.Enum<WhenAllDown>()).Sample((conditions, whenAllDown) =>
        {
            PoolSnapshot pool = Pool(whenAllDown, conditions);
            Assert.True(pool.TakesNewSessions || !conditions.Any(c => c is { Health: BackendHealth.Up, Operator: OperatorState.Ready }));
            Assert.All(pool.Backends.Where(b => b.TakesNewSessions), b => Assert.Equal(pool.BackupsSince is not null, b.IsBackup));
            Assert.All(pool.Backends, b => Assert.False(b is { StandsBy: true, TakesNewSessions: true }));
        });
    }

    private static BackendCondition[] Of(string conditions) =>
    [
        .. conditions.Split(' ').Select(c => c switch
        {
            "up" => Up,
            "down" => Down,
            "unknown" => Unknown,
            "ejected" => Ejected,
            "drains" => Drains,
            _ => Maintained,
        }),
    ];

    private static PoolSnapshot Pool(WhenAllDown whenAllDown, BackendCondition[] conditions, PoolSnapshot? before = null, DateTimeOffset now = default)
    {
        PoolSettings settings = Pools.Web("web-0", "web-1", "web-2", "web-3") with { WhenAllDown = whenAllDown };
        settings = settings with { Backends = [.. settings.Backends.Select((b, i) => b with { IsBackup = i >= 2 })] };
        return RoutingSnapshots.Pool(settings, id => conditions[int.Parse(id[4..])], _ => new BackendTraffic(), before?.Cursor ?? new RotationCursor(), before, now);
    }
}
