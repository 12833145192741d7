using System.Net;
using System.Security.Authentication;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.ProxyProtocol;

namespace ActorLb.Engine.Kestrel;

/// <summary>Goes with a connection that was let in; gives back, once, what it was counted for.</summary>
/// <param name="announced">What a proxy has said of the client already.</param>
internal sealed class Admitted(OpenConnections clients, ServedListener listener, IPAddress client, AnnouncedClient? announced = null) : IDisposable
{
    private IPAddress _client = client;
    private int _isGivenBack;

    public ServedListener Listener => listener;

    /// <summary>What a proxy said of the client; null: none has.</summary>
    public AnnouncedClient? Announced { get; private set; } = announced;

    /// <summary>What it speaks with us; None: in the clear.</summary>
    public SslProtocols Tls { get; set; }

    /// <summary>Both ends of the client's connection, or of its connection to the proxy that announced it.</summary>
    public AnnouncedClient Ends { get; set; } = announced ?? new AnnouncedClient(new IPEndPoint(client, 0), listener.Socket.Local, IsTls: false);

    /// <summary>Another lane has let it in, and gives it to this one.</summary>
    public static Admitted TakeOver(OpenConnections clients, ServedListener listener, IPAddress client, AnnouncedClient? announced)
    {
        clients.TakeOver();
        return new Admitted(clients, listener, client, announced);
    }

    /// <summary>The connection is this client's, whom its proxy announces; false where he has as many as he may. Before anybody is served.</summary>
    public bool TryAnnounce(AnnouncedClient client)
    {
        if (!clients.TryCount(listener, client.Source.Address))
        {
            return false;
        }

        _client = client.Source.Address;
        Announced = client;
        Ends = client;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
        {
            clients.Release(listener, _client);
        }
    }
}
