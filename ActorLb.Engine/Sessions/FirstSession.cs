using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// The session that parallel first requests share: those of one connection, or of one address and agent. A browser asks for a
/// page's parts before it has an answer, and each would begin a session of its own, at a server of its own. Any thread.
/// </summary>
internal sealed class FirstSession
{
    private string? _pool;
    private UInt128 _asker;
    private BackendKey _backend;
    private Binding _binding;
    private volatile bool _isOver;

    /// <summary>Held while a first request is assigned: of two at once, one begins the session.</summary>
    public Lock Turn { get; } = new();

    public bool IsOver => _isOver;

    /// <summary>
    /// An answer of its connection goes out: who asks without a ticket after that keeps none, and his requests take their turns.
    /// </summary>
    public void End() => _isOver = true;

    /// <summary>Where a request goes that has no session, and is of the client that began this one. Under <see cref="Turn"/>.</summary>
    public bool TryJoin(string pool, UInt128 asker, out BackendKey backend, out Binding binding)
    {
        backend = _backend;
        binding = _binding;
        return !_isOver && _pool == pool && _asker == asker;
    }

    /// <summary>A request begins it, or begins it anew where its backend takes nobody any more. Under <see cref="Turn"/>.</summary>
    public void Begin(string pool, UInt128 asker, BackendKey backend, in Binding binding)
    {
        if (!_isOver && (_pool is null || (_pool == pool && _asker == asker)))
        {
            _pool = pool;
            _asker = asker;
            _backend = backend;
            _binding = binding;
        }
    }
}
