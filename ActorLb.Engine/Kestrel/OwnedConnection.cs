using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Routing;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A connection to a backend that one client's connection alone may use, between two of its requests: it was authenticated,
/// or offered to be (<see cref="ConnectionAuthentication"/>). It lives as long as the client's own, however long nothing
/// goes over it.
/// </summary>
internal sealed class OwnedConnection : IDisposable
{
    private readonly Lock _lock = new();
    private BackendStream? _stream;
    private bool _isClosed;

    /// <summary>Where it leads; null where there is none.</summary>
    public BackendSnapshot? At { get; private set; }

    /// <summary>It, if it leads to this backend and looks usable. One that leads elsewhere is closed.</summary>
    public BackendStream? Take(BackendSnapshot backend)
    {
        lock (_lock)
        {
            BackendStream? own = _stream;
            bool isUsable = own is not null && ReferenceEquals(At!.Traffic, backend.Traffic) && At.Address == backend.Address && own.IsQuiet;
            _stream = null;
            At = null;
            if (isUsable)
            {
                return own;
            }

            own?.Dispose();
            return null;
        }
    }

    /// <summary>Keeps it for the client's next request.</summary>
    public void Keep(BackendSnapshot backend, BackendStream stream)
    {
        stream.IsReused = true;
        lock (_lock)
        {
            if (_isClosed)
            {
                stream.Dispose();
                return;
            }

            _stream = stream;
            At = backend;
        }
    }

    /// <summary>The client's connection has ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _stream?.Dispose();
            _stream = null;
            At = null;
        }
    }
}
