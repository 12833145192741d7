using ActorLb.Engine;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.TicketKeys;

/// <summary>Rotation by configuration: nodes are at different steps while it is rolled out, and clients go to any of them.</summary>
public sealed class KeyRolloutTests
{
    private static readonly TicketKey Old = TicketKey.FromText("the old configured key");
    private static readonly TicketKey New = TicketKey.FromText("the new configured key");
    private static readonly TicketKeyRing Shared = TicketKeyRing.Empty.Signing(TicketKey.FromText("made by the nodes"), 1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    // A letter is a key, in the listed order: o(ld), n(ew), s(hared).
    [Theory]
    [InlineData("o", "on", "no", "n")]
    [InlineData("s", "sn", "ns", "n")]
    [InlineData("n", "ns", "sn", "s")]
    [InlineData("os", "ons", "nos", "ns")]
    public async Task In_three_steps_no_session_is_lost_on_the_way(params string[] steps)
    {
        for (int step = 1; step < steps.Length; step++)
        {
            TrafficDirector before = Node(steps[step - 1]);
            TrafficDirector after = Node(steps[step]);
            foreach ((TrafficDirector from, TrafficDirector to) in new[] { (before, after), (after, before) })
            {
                (string cookie, Assignment first) = await SessionAsync(from);
                Assignment there = await to.AssignAsync(to.Route("x", "/")!, cookie, default);
                Assert.Equal((first.Binding.Id, true), (there.Binding.Id, there.IsBound));
            }
        }
    }

    [Fact]
    public async Task Without_the_first_step_a_session_would_be_lost()
    {
        TrafficDirector hasty = Node("no");
        TrafficDirector slow = Node("o");
        (string cookie, Assignment first) = await SessionAsync(hasty);
        Assert.NotEqual(first.Binding.Id, (await slow.AssignAsync(slow.Route("x", "/")!, cookie, default)).Binding.Id);
    }

    [Fact]
    public void The_first_listed_key_signs()
    {
        Assert.Equal([New, .. Shared.Keys, Old], Pool("nso").Affinity.KeysWith(Shared).Keys.ToArray());
        Assert.Equal([.. Shared.Keys, Old], Pool("so").Affinity.KeysWith(Shared).Keys.ToArray());
        Assert.Equal([Old], Pool("o").Affinity.KeysWith(Shared).Keys.ToArray());
        Assert.Same(Shared, Pool("s").Affinity.KeysWith(Shared));
    }

    [Fact]
    public async Task Tickets_of_unknown_keys_are_counted_apart_from_forged_ones()
    {
        (string cookie, _) = await SessionAsync(Node("n"));
        var plane = new DataPlane(TestPools.Node(Pool("o")), _time);
        var director = new TrafficDirector(plane);

        await director.AssignAsync(director.Route("x", "/")!, cookie, default);
        Assert.Equal((1, 1), (plane.SessionCounters.Refused, plane.SessionCounters.KeyUnknown));

        (string own, _) = await SessionAsync(director);
        await director.AssignAsync(director.Route("x", "/")!, own[..^1] + (own[^1] == 'A' ? 'B' : 'A'), default);
        Assert.Equal((2, 1), (plane.SessionCounters.Refused, plane.SessionCounters.KeyUnknown));
    }

    private static PoolSettings Pool(string keys)
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3");
        return pool with
        {
            Affinity = pool.Affinity with
            {
                Keys = [.. keys.Where(k => k != 's').Select(k => k == 'o' ? Old : New)],
                SharedKeysAt = keys.Contains('s') ? keys.IndexOf('s') : null,
            },
        };
    }

    private TrafficDirector Node(string keys)
    {
        var plane = new DataPlane(TestPools.Node(Pool(keys)), _time);
        var director = new TrafficDirector(plane);

        // The control plane brings the shared keys after the director was made.
        plane.Keys = Shared;
        return director;
    }

    private static async Task<(string Cookie, Assignment First)> SessionAsync(TrafficDirector director)
    {
        Assignment first = await director.AssignAsync(director.Route("x", "/")!, default(StringValues), default);
        return (director.TicketFor(first, secure: false)!.Split(';')[0], first);
    }
}
