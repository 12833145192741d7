using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>Sessions that move when the table is full, or that have moved as often as a version can count.</summary>
public sealed class MovedSessionsTests : DirectorTest
{
    private static readonly TicketCodec Codec = new(TicketKeyRing.Of([TestPools.Key]), "web");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_beyond_the_table_that_moved_stays_also_where_its_client_keeps_the_old_ticket(bool ownerAnswers)
    {
        PoolSettings pool = TestPools.Pool("web", "http://s:1", "http://s:2", "http://s:3");
        var plane = new DataPlane(TestPools.Node(pool with { Affinity = pool.Affinity with { MaxSessions = 1 } }), _time);
        var director = new TrafficDirector(plane);
        plane.Rebinder = ownerAnswers
            ? new Owner(known => known.MovedTo(BackendKey.Of(known.Backend == BackendKey.Of("s:3") ? "s:2" : "s:3"), known.LastSeen))
            : IRebinder.Unavailable;
        var sessions = new List<(string Cookie, string Home)>();
        for (int i = 0; i < 50; i++)
        {
            Assignment first = await director.AssignAsync(director.Route("x", "/")!, default(StringValues), default);
            string cookie = director.TicketFor(first, secure: false)!.Split(';')[0];
            await director.AssignAsync(director.Route("x", "/")!, cookie, default);
            sessions.Add((cookie, first.Backend!.Id));
        }

        Assert.Equal(1, plane.Tables["web"].Count);
        SetHealth("s:1", BackendHealth.Down);
        Publish(plane);
        var moved = new List<string>();
        foreach ((string cookie, string home) in sessions)
        {
            moved.Add((await director.AssignAsync(director.Route("x", "/")!, cookie, default)).Backend!.Id);
        }

        SetHealth("s:1", BackendHealth.Up);
        Publish(plane);
        for (int i = 0; i < sessions.Count; i++)
        {
            Assert.Equal(moved[i], (await director.AssignAsync(director.Route("x", "/")!, sessions[i].Cookie, default)).Backend!.Id);
            Assert.Equal(sessions[i].Home != "s:1", moved[i] == sessions[i].Home);
        }
    }

    [Theory]
    [InlineData(Binding.EndedVersion - 2, Binding.EndedVersion - 1)]
    [InlineData(Binding.EndedVersion - 1, Binding.EndedVersion - 1)]
    public async Task A_version_that_cannot_grow_stays_and_its_session_is_served(uint version, uint after)
    {
        var binding = new Binding(new SessionId(1, 2), BackendKey.Of("s:1"), version, (uint)_time.GetUtcNow().ToUnixTimeSeconds());
        SetHealth("s:1", BackendHealth.Down);

        Assignment there = await Assign("ALB=" + Sealed(Codec, binding));
        Assignment again = await Assign(Cookie(there));

        Assert.NotEqual("s:1", there.Backend!.Id);
        Assert.Equal((after, binding.Id), (there.Binding.Version, there.Binding.Id));
        Assert.Equal(there.Backend.Id, again.Backend!.Id);
    }
}
