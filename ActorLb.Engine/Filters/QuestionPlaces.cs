using System.Net;
using ActorLb.Engine.Clients;

namespace ActorLb.Engine.Filters;

/// <summary>Places for questions under way: so many in all, and so many for each client's address, so that nobody has all of them. Any thread.</summary>
internal sealed class QuestionPlaces(int max, int perClientMax)
{
    private readonly AddressCounts _clients = new();
    private int _taken;

    /// <returns>True asks for one <see cref="GiveBack"/>.</returns>
    public bool TryTake(IPAddress client)
    {
        if (!_clients.TryAdd(client, perClientMax))
        {
            return false;
        }

        if (Interlocked.Increment(ref _taken) <= max)
        {
            return true;
        }

        GiveBack(client);
        return false;
    }

    public void GiveBack(IPAddress client)
    {
        Interlocked.Decrement(ref _taken);
        _clients.Remove(client);
    }
}
