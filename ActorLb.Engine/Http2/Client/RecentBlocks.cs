using System.Diagnostics;
using ActorLb.Engine.Clients;

namespace ActorLb.Engine.Http2.Client;

/// <summary>
/// Whose header blocks a connection has carried last. A server reads them in their order, and what it cannot bear ends the connection at once: so none that was sent before one
/// with an answer is why. One thread at a time.
/// </summary>
internal sealed class RecentBlocks
{
    /// <summary>Those of more clients are hardly on their way at a time; of more, the last ones are known.</summary>
    public const int ClientsMax = 64;

    // Each client's last one; number 0: nobody's.
    private readonly (ClientKey Client, long Number)[] _blocks = new (ClientKey, long)[ClientsMax];
    private int _at;
    private long _last;
    private long _borne;

    /// <summary>One is sent; returns its number, 1 for the first.</summary>
    public long Send(ClientKey client)
    {
        _at = PlaceOf(client);
        _blocks[_at] = (client, ++_last);
        return _last;
    }

    /// <summary>The peer speaks of the stream that this one began: it has read it, and all before.</summary>
    public void Bear(long number)
    {
        Debug.Assert(number <= _last);
        _borne = Math.Max(_borne, number);
    }

    /// <summary>The peer leaves of its own will: nobody's is why.</summary>
    public void BearAll() => _borne = _last;

    /// <summary>The clients of those that may be why the connection ends. Once: they are borne then.</summary>
    public ClientKey[] TakeSuspects()
    {
        ClientKey[] suspects = [.. _blocks.Where(b => b.Number > _borne).Select(b => b.Client)];
        BearAll();
        return suspects;
    }

    private int PlaceOf(ClientKey client)
    {
        if (_blocks[_at] is { Number: > 0 } last && last.Client == client)
        {
            return _at;
        }

        int oldest = 0;
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (_blocks[i].Number > 0 && _blocks[i].Client == client)
            {
                return i;
            }

            oldest = _blocks[i].Number < _blocks[oldest].Number ? i : oldest;
        }

        return oldest;
    }
}
