using ActorLb.Tests.Cluster;
using ActorLb.Engine;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class SessionMovesActorTests : ActorTest
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly DataPlane _plane = new(Settings(), TimeProvider.System);

    public SessionMovesActorTests()
    {
        Publish(_plane);

        // The odd buckets have sessions of X.
        for (ulong bucket = 0; bucket < 12; bucket++)
        {
            _plane.Tables[Pool].Note(new Binding(new SessionId(bucket << 54, 1), bucket % 2 == 1 ? X : Y, 1, _plane.Clock.Now));
        }
    }

    [Fact]
    public async Task A_node_wakes_the_owners_of_its_share_and_takes_over_that_of_one_that_is_gone()
    {
        PublishDraining(_plane, X, over: true);
        await StartAsync();
        Sys.EventStream.Publish(new MembershipChanged("n1", [Node("n0"), Node("n1"), Node("n2")]));
        Assert.Equal("1, 7", await WokenAsync(2));

        Sys.EventStream.Publish(new MembershipChanged("n1", [Node("n0", reachable: false), Node("n1"), Node("n2", reachable: false)]));
        Assert.Equal("1, 3, 5, 7, 9, 11", await WokenAsync(6));
    }

    [Fact]
    public async Task Owners_are_woken_when_sessions_are_to_leave_and_somebody_takes_them()
    {
        await StartAsync();
        Sys.EventStream.Publish(new MembershipChanged("n1", [Node("n1")]));
        PublishDraining(_plane, X);
        PublishDraining(_plane, X, over: true, down: [Y, Z, W]);
        PublishDraining(_plane, X, SessionMoves.At(_plane.Clock.UtcNow, 1, 1), down: [Y, Z, W]);
        Publish(_plane);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));

        PublishDraining(_plane, X, SessionMoves.At(_plane.Clock.UtcNow, 1, 1));
        Assert.Equal("1, 3, 5, 7, 9, 11", await WokenAsync(6));
    }

    private static NodeMember Node(string name, bool reachable = true) => new(name, $"akka.tcp://actorlb@{name}", "up", reachable);

    private async Task StartAsync()
    {
        IActorRef owners = TestActor;
        IActorRef actor = Sys.ActorOf(Props.Create(() => new SessionMovesActor(_plane, owners)));
        await actor.Ask<ActorIdentity>(new Identify(1), Long);
    }

    // They are woken again every second.
    private async Task<string> WokenAsync(int owners)
    {
        var woken = new SortedSet<int>();
        while (woken.Count < owners)
        {
            woken.Add((await ExpectMsgAsync<MoveDueSessions>(Long)).Bucket.Index);
        }

        return string.Join(", ", woken);
    }
}
