using System.Collections.Immutable;
using System.Net;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Routing;

/// <summary>
/// The backends of one pool: those that are listed, those to which its names lead, and those that only other nodes know. A new address takes new sessions once all nodes have looked its
/// name up since; one that is gone keeps its sessions and gets no new ones, until it is down or has none left. Pure.
/// </summary>
internal sealed record NamedBackendsState
{
    private readonly PoolSettings _pool;
    private readonly ImmutableArray<BackendSettings> _listed;

    // Nothing is known of it yet beyond what is listed.
    private readonly bool _begins;

    private NamedBackendsState(PoolSettings pool, ImmutableArray<BackendSettings> listed, bool begins)
    {
        _begins = begins;
        _pool = pool;
        _listed = listed;
    }

    private ImmutableSortedDictionary<string, Found> ById { get; init; } =
        ImmutableSortedDictionary.Create<string, Found>(StringComparer.Ordinal);

    private ImmutableHashSet<NamedBackends> LookedUp { get; init; } = [];

    /// <summary>Addresses to which no name leads any more.</summary>
    public IEnumerable<string> Gone => ById.Where(f => f.Value.GoneAt is not null).Select(f => f.Key);

    /// <param name="pool">As it is configured.</param>
    /// <param name="known">The pool's backends as the data plane has them: an actor that starts again goes on from there.</param>
    public static NamedBackendsState Start(PoolSettings pool, ImmutableArray<BackendSettings> known)
    {
        var found = known
            .Where(b => pool.Backends.All(l => l.Id != b.Id))
            .ToImmutableSortedDictionary(b => b.Id, b => new Found(b, null, DateTimeOffset.MinValue, b.LeftAt), StringComparer.Ordinal);
        return new NamedBackendsState(pool, pool.Backends, begins: found.IsEmpty) { ById = found };
    }

    /// <summary>A look-up succeeded. One that failed changes nothing.</summary>
    public NamedBackendsState With(NamedBackends name, ImmutableArray<IPAddress> addresses, DateTimeOffset now)
    {
        // What the first look-up finds is no news: this node has just come.
        DateTimeOffset foundAt = LookedUp.Contains(name) ? now : DateTimeOffset.MinValue;
        HashSet<string> leadsTo = [.. addresses.Select(a => new IPEndPoint(a, name.Port).ToString())];
        var there = leadsTo.Where(id => RemovalOf(id) is null).ToHashSet(StringComparer.Ordinal);
        ImmutableSortedDictionary<string, Found>.Builder next = ById.ToBuilder();
        foreach ((string id, Found found) in ById)
        {
            if (there.Contains(id))
            {
                // Other nodes may have forgotten it in the meantime: who comes back is as new as who comes.
                next[id] = found with { Backend = At(id, name), Name = name, GoneAt = null, FoundAt = found.GoneAt is null ? found.FoundAt : now };
            }
            else if (found.Name == name && found.GoneAt is null)
            {
                next[id] = found with { GoneAt = RemovalOf(id)?.At ?? now };
            }
        }

        // Of a node that begins: sessions may be there that it knows from before its start.
        if (_begins && !LookedUp.Contains(name))
        {
            foreach (string id in leadsTo.Where(id => RemovalOf(id) is not null && IsNew(id)))
            {
                next.Add(id, new Found(At(id, name), name, foundAt, RemovalOf(id)!.At));
            }
        }

        foreach (string id in there.Where(IsNew))
        {
            next.Add(id, new Found(At(id, name), name, foundAt, null));
        }

        NamedBackendsState state = this with { ById = next.ToImmutable(), LookedUp = LookedUp.Add(name) };

        return _pool.Names.All(state.LookedUp.Contains) ? state.WithoutNameless(now) : state;
    }

    /// <summary>
    /// What the other nodes know. What is known here is as it is written here, and what is on its way out stays so; what is so at them
    /// is so here; what nobody tells any more leaves as an address leaves its name.
    /// </summary>
    public NamedBackendsState WithTold(IReadOnlyDictionary<string, ToldBackend> told, DateTimeOffset now)
    {
        ImmutableSortedDictionary<string, Found>.Builder next = ById.ToBuilder();
        foreach ((string id, Found found) in ById.Where(f => f.Value.Backend.IsTold))
        {
            next[id] = told.TryGetValue(id, out ToldBackend? known) && RemovalOf(id) is null
                ? found with { Backend = found.Backend with { Address = known.Address }, GoneAt = known.LeftAt }
                : found with { GoneAt = found.GoneAt ?? now };
        }

        foreach ((string id, ToldBackend known) in told.Where(t => IsNew(t.Key) && RemovalOf(t.Key) is null && IsSpoken(t.Value.Address)))
        {
            next.Add(id, new Found(new BackendSettings(id, known.Address, 1) { IsTold = true }, null, DateTimeOffset.MinValue, known.LeftAt));
        }

        return this with { ById = next.ToImmutable() };
    }

    // A lane was chosen by what is written here: whether it speaks TLS to backends, that says.
    private bool IsSpoken(Uri address) => _listed.Any(l => l.Address.Scheme == address.Scheme) || (address.Scheme == Uri.UriSchemeHttp && !_pool.Names.IsEmpty);

    private static BackendSettings At(string id, NamedBackends name) =>
        new(id, new Uri($"http://{id}"), name.Weight) { MaxConnections = name.MaxConnections, IsBackup = name.IsBackup };

    /// <summary>Forgets a gone address: it is down, or nobody's session is there any more.</summary>
    public NamedBackendsState Without(string id) =>
        ById.TryGetValue(id, out Found? found) && found.GoneAt is not null ? this with { ById = ById.Remove(id) } : this;

    /// <param name="settleTime">Longer than the other nodes take to look the name up again.</param>
    public ImmutableArray<BackendSettings> Backends(DateTimeOffset now, TimeSpan settleTime) =>
    [
        .. _listed,
        .. ById.Values.Select(f => f.Backend with
        {
            Weight = _pool.OverrideOf(f.Backend.Id)?.Weight ?? f.Backend.Weight,
            TakesNewSessions = !f.Backend.IsTold && f.GoneAt is null && (now - f.FoundAt >= settleTime || now < f.FoundAt),
            LeftAt = f.GoneAt,
        }),
    ];

    private BackendRemoval? RemovalOf(string id) => _pool.OverrideOf(id)?.Removal;

    private bool IsNew(string id) => !ById.ContainsKey(id) && _listed.All(l => l.Id != id);

    // Every name was looked up: what none of them leads to is known from an earlier run only.
    private NamedBackendsState WithoutNameless(DateTimeOffset now) => this with
    {
        ById = ById.SetItems(ById
            .Where(f => f.Value is { Name: null, GoneAt: null, Backend.IsTold: false })
            .Select(f => KeyValuePair.Create(f.Key, f.Value with { GoneAt = now }))),
    };

    /// <param name="Name">That leads to it; null where it is known from an earlier run.</param>
    private sealed record Found(BackendSettings Backend, NamedBackends? Name, DateTimeOffset FoundAt, DateTimeOffset? GoneAt);
}
