using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Node.Admin;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminPlacesTests
{
    private static readonly PlaceHolder Reader = new(IsReader: true, "grafana", ClientKey.Of(IPAddress.Loopback));

    private static readonly PlaceHolder Operator = new(IsReader: false, "ci", ClientKey.Of(IPAddress.Loopback));

    private readonly List<string> _closed = [];

    [Fact]
    public void Who_comes_when_all_places_are_taken_gets_the_oldest_of_the_address_that_has_most()
    {
        var places = new AdminPlaces(max: 4, busyMax: 3, readersMax: 3);
        Enter(places, "192.0.2.1", "operator");
        Enter(places, "192.0.2.9", "first");
        Enter(places, "192.0.2.9", "second");
        Enter(places, "192.0.2.9", "third");

        Enter(places, "192.0.2.2", "probe");
        Enter(places, "192.0.2.9", "fourth");

        Assert.Equal(["first", "second"], _closed);
        Assert.Equal(4, places.Count);
        Assert.Equal(2, places.Closed);
    }

    [Fact]
    public void A_connection_whose_request_may_pass_keeps_its_place_until_it_is_answered()
    {
        var places = new AdminPlaces(max: 2, busyMax: 1, readersMax: 1);
        AdminPlace busy = Enter(places, "192.0.2.9", "busy");
        Assert.True(places.TryBegin(busy, Operator));
        AdminPlace other = Enter(places, "192.0.2.9", "idle");
        Assert.False(places.TryBegin(other, Operator));

        Enter(places, "192.0.2.9", "next");
        Assert.Equal(["idle"], _closed);

        places.End(busy);
        Enter(places, "192.0.2.9", "last");
        Assert.Equal(["idle", "busy"], _closed);
    }

    [Fact]
    public void Requests_that_may_pass_count_for_their_address_when_another_of_its_connections_is_to_leave()
    {
        var places = new AdminPlaces(max: 4, busyMax: 2, readersMax: 2);
        Enter(places, "192.0.2.1", "operator");
        Assert.True(places.TryBegin(Enter(places, "192.0.2.9", "busy"), Reader));
        Assert.True(places.TryBegin(Enter(places, "192.0.2.8", "busy as well"), Reader));
        Enter(places, "192.0.2.9", "one more");
        Enter(places, "192.0.2.8", "another");
        Assert.Equal(["one more"], _closed);
    }

    [Fact]
    public void Who_may_only_read_leaves_places_to_those_who_may_change_something()
    {
        var places = new AdminPlaces(max: 8, busyMax: 3, readersMax: 2);
        AdminPlace[] all = [.. Enumerable.Range(0, 5).Select(i => Enter(places, "192.0.2.9", $"{i}"))];
        Assert.True(places.TryBegin(all[0], Reader));
        Assert.True(places.TryBegin(all[1], Reader));
        Assert.False(places.TryBegin(all[2], Reader));
        Assert.True(places.TryBegin(all[2], Operator));
        Assert.False(places.TryBegin(all[3], Operator));

        // Places of operators are not readers', also when they are free; a reader's is anybody's.
        places.End(all[2]);
        Assert.False(places.TryBegin(all[2], Reader));
        places.End(all[0]);
        Assert.True(places.TryBegin(all[0], Operator));
        Assert.True(places.TryBegin(all[4], Reader));
        Assert.False(places.TryBegin(all[3], Reader));
    }

    [Fact]
    public void A_connection_that_ended_leaves_its_place()
    {
        var places = new AdminPlaces(max: 1, busyMax: 0, readersMax: 0);
        places.Leave(Enter(places, "192.0.2.1", "first"));

        Enter(places, "192.0.2.1", "second");

        Assert.Empty(_closed);
        Assert.Equal(1, places.Count);
    }

    private AdminPlace Enter(AdminPlaces places, string address, string name) =>
        places.Enter(IPAddress.Parse(address), () => _closed.Add(name));
}
