using System.Net;
using System.Net.Sockets;
using ActorLb.Engine;
using ActorLb.Engine.Health;
using ActorLb.Engine.Lanes;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>The topology changes between the moment when addresses are held and the one when clients can connect.</summary>
public sealed class LaneGroupStartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_changes_before_the_start_is_what_the_start_begins_with(bool holds)
    {
        NodeSettings settings = Reading.Read(Reading.OnePool + "\nlisteners { a.bind = \"127.0.0.1:0\", b.bind = \"127.0.0.1:0\" }").Settings!;
        var plane = new DataPlane(settings, TimeProvider.System);
        await using LaneGroup lanes = LaneGroup.Build(plane, new TrafficDirector(plane), new PassiveHealth(plane), settings, NullLoggerFactory.Instance);
        if (holds)
        {
            lanes.Hold();
        }

        ListenerSettings[] written = [.. settings.Topology.Listeners];
        Topology next = settings.Topology with { Listeners = [written[0], written[1] with { Name = "c" }], Limits = settings.Topology.Limits with { ConnectionsMax = 1 } };
        await using (PreparedLanes prepared = lanes.Prepare(next))
        {
            await prepared.CommitAsync();
        }

        Assert.Empty(lanes.Endpoints);
        Assert.Equal(next, plane.Topology);
        await lanes.StartAsync(CancellationToken.None);

        Assert.Equal(["a", "c"], lanes.Endpoints.Keys.Order());
        foreach (IPEndPoint address in lanes.Endpoints.Values)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address);
        }
    }
}
