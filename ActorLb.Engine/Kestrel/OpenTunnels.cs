using System.Collections.Concurrent;

namespace ActorLb.Engine.Kestrel;

/// <summary>The lane's tunnels, so that somebody can end those of a backend or of a session. Any thread.</summary>
internal sealed class OpenTunnels
{
    private readonly ConcurrentDictionary<Tunnel, byte> _open = new();

    public IEnumerable<Tunnel> All => _open.Keys;

    public void Add(Tunnel tunnel) => _open.TryAdd(tunnel, 0);

    public void Remove(Tunnel tunnel) => _open.TryRemove(tunnel, out _);
}
