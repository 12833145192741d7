using ActorLb.Engine.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A connection to a backend that one client's connection alone may use, between two of its requests: it began with its name, or was
/// authenticated, or offered to be (<see cref="Http1.ConnectionAuthentication"/>). It lives as long as the client's own, however long nothing
/// goes over it.
/// </summary>
internal sealed class OwnedConnection : IDisposable
{
    private readonly Lock _lock = new();
    private Http1Stream? _stream;
    private BackendSnapshot? _at;
    private bool _isClosed;

    /// <summary>Where it leads that is authenticated, or may be; null where there is none.</summary>
    public BackendSnapshot? AuthenticatedAt { get; private set; }

    /// <summary>It, if it leads to this backend, began with such a header, and looks usable. One that leads elsewhere is closed.</summary>
    public Http1Stream? Take(BackendSnapshot backend, ProxyHeaderVersion header)
    {
        lock (_lock)
        {
            Http1Stream? own = _stream;
            bool isUsable = own is not null && ReferenceEquals(_at!.Traffic, backend.Traffic) && _at.Address == backend.Address && own.Header == header && own.IsQuiet;
            _stream = null;
            AuthenticatedAt = null;
            if (isUsable)
            {
                return own;
            }

            own?.Dispose();
            return null;
        }
    }

    /// <summary>Keeps it for the client's next request.</summary>
    public void Keep(BackendSnapshot backend, Http1Stream stream)
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
            _at = backend;
            AuthenticatedAt = stream.IsAuthenticated ? backend : null;
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
            AuthenticatedAt = null;
        }
    }
}
