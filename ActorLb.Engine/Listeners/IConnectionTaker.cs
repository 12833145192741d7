using System.Net;
using ActorLb.Engine.ProxyProtocol;

namespace ActorLb.Engine.Listeners;

/// <summary>A lane that goes on with connections that another one has accepted. Any thread.</summary>
internal interface IConnectionTaker
{
    /// <summary>Serves the client from now on, with the settings that it came by. It stays admitted as it is.</summary>
    /// <param name="socket">Its descriptor, which belongs to the taker from now on.</param>
    /// <param name="announced">What a proxy said of the client, whose address is the peer's then; null: none has.</param>
    /// <param name="received">What has come of its next request.</param>
    void Take(ServedListener listener, int socket, IPAddress peer, AnnouncedClient? announced, byte[] received);
}
