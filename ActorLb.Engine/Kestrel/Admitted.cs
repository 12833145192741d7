using System.Net;
using ActorLb.Engine.Listeners;

namespace ActorLb.Engine.Kestrel;

/// <summary>Goes with a connection that was let in; gives back, once, what it was counted for.</summary>
internal sealed class Admitted(ConnectionLimits limits, ServedListener listener, IPAddress client) : IDisposable
{
    private int _isGivenBack;

    public ServedListener Listener => listener;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
        {
            limits.Release(listener.Connections, listener.Settings, client);
        }
    }
}
