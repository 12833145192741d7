using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>Who has a place.</summary>
/// <param name="IsReader">He may only read.</param>
/// <param name="Token">The name of his token; empty: none is needed.</param>
internal readonly record struct PlaceHolder(bool IsReader, string Token, ClientKey Client)
{
    public static PlaceHolder Of(HttpContext context)
    {
        var caller = context.Features.Get<AdminToken>();
        return new PlaceHolder(caller is { Role: AdminRole.Read }, caller?.Name ?? "", ClientKey.Of(context.Connection.RemoteIpAddress ?? IPAddress.None));
    }
}

/// <summary>
/// A bounded number of places at something of the admin API that a caller may hold for long. Some are kept for those who may change something: a token that only reads
/// is handed to many, and somebody who has it may take all that he gets. Of those for readers, one with one token at one address has a part. Any thread.
/// </summary>
/// <param name="max">Of all.</param>
/// <param name="readersMax">Of all who may only read.</param>
/// <param name="eachReaderMax">Of one token of these at one address (an IPv6 /64).</param>
internal sealed class CallerPlaces(int max, int readersMax, int eachReaderMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PlaceHolder, int> _readersEach = [];
    private int _taken;
    private int _readers;

    /// <returns>Null: he has a place, and leaves it once. Else who has those that he cannot get, for people.</returns>
    public string? TryTake(PlaceHolder holder)
    {
        lock (_lock)
        {
            int own = holder.IsReader ? _readersEach.GetValueOrDefault(holder) : 0;
            string? why =
                _taken >= max ? $"{max} are there already"
                : !holder.IsReader ? null
                : own >= eachReaderMax ? $"{eachReaderMax} with this token at this address are there already"
                : _readers >= readersMax ? $"{readersMax} with tokens of the role read are there already, and the other places are for the role operate"
                : null;
            if (why is not null)
            {
                return why;
            }

            _taken++;
            if (holder.IsReader)
            {
                _readers++;
                _readersEach[holder] = own + 1;
            }

            return null;
        }
    }

    public void Leave(PlaceHolder holder)
    {
        lock (_lock)
        {
            _taken--;
            if (!holder.IsReader)
            {
                return;
            }

            _readers--;
            if (--_readersEach[holder] == 0)
            {
                _readersEach.Remove(holder);
            }
        }
    }
}
