using System.Net;
using ActorLb.Engine.Filters;
using Xunit;

namespace ActorLb.Tests.Filters;

public sealed class QuestionPlacesTests
{
    [Fact]
    public void One_client_has_its_share_and_no_more()
    {
        var places = new QuestionPlaces(max: 8, perClientMax: 2);
        Assert.True(places.TryTake(Client(1)));
        Assert.True(places.TryTake(Client(1)));
        Assert.False(places.TryTake(Client(1)));
        Assert.True(places.TryTake(Client(2)));

        places.GiveBack(Client(1));
        Assert.True(places.TryTake(Client(1)));
    }

    [Fact]
    public void All_together_have_all_and_no_more()
    {
        var places = new QuestionPlaces(max: 8, perClientMax: 2);
        for (int i = 0; i < 8; i++)
        {
            Assert.True(places.TryTake(Client(i / 2)));
        }

        Assert.False(places.TryTake(Client(9)));
        places.GiveBack(Client(0));
        Assert.True(places.TryTake(Client(9)));
        Assert.False(places.TryTake(Client(9)));
    }

    private static IPAddress Client(int number) => new([10, 0, 0, (byte)number]);
}
