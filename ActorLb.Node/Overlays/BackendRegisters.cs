using System.Collections.Immutable;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Backends;
using Akka.DistributedData;

namespace ActorLb.Node.Overlays;

/// <summary>
/// The operators' decisions about backends as distributed data: a register for each backend, of which the later version counts. One
/// that is dropped leaves nothing behind: for each run that ever wrote, the highest write that is known here says what was there
/// and is not any more (an observed-remove map without tombstones; Bieniusa et al., An optimized conflict-free replicated set,
/// 2012). Merges in any order give the same. Immutable.
/// </summary>
internal sealed class BackendRegisters : IReplicatedData<BackendRegisters>, IEquatable<BackendRegisters>
{
    /// <summary>Backends with a register, at most: as many go into a message to another node. Sides that meet may have more between them.</summary>
    public const int Most = 500;

    /// <summary>Runs whose writes are known, at most; the latest stay. A register of one that is forgotten may come back with a node that was away since.</summary>
    public const int RunsMost = 1_000;

    public static readonly BackendRegisters Empty =
        new(ImmutableDictionary<Dot, BackendRegister>.Empty, ImmutableDictionary<ulong, ulong>.Empty);

    public static readonly BackendRegistersKey Key = new("backend-registers");

    private BackendRegisters(ImmutableDictionary<Dot, BackendRegister> written, ImmutableDictionary<ulong, ulong> known)
    {
        Written = written;
        Known = known;
        ByBackend = written.Count == 0
            ? ImmutableDictionary<BackendName, BackendRegister>.Empty
            : written.GroupBy(w => w.Value.Backend).ToImmutableDictionary(g => g.Key, g => g.Aggregate(Later).Value);
    }

    /// <summary>What holds of each backend.</summary>
    public ImmutableDictionary<BackendName, BackendRegister> ByBackend { get; }

    /// <summary>What is there, by the write that made it. Two of one backend where two nodes decided without knowing of each other.</summary>
    internal ImmutableDictionary<Dot, BackendRegister> Written { get; }

    /// <summary>The highest write of each run that was seen.</summary>
    internal ImmutableDictionary<ulong, ulong> Known { get; }

    /// <summary>As a layer of the topology.</summary>
    public BackendOverlays Overlays => ByBackend.Values.Aggregate(BackendOverlays.None, (all, r) => all.With(r.Backend, r.Overlay));

    internal static BackendRegisters Of(IEnumerable<KeyValuePair<Dot, BackendRegister>> written, IEnumerable<KeyValuePair<ulong, ulong>> known) =>
        new(written.ToImmutableDictionary(), Latest(known.ToImmutableDictionary()));

    /// <summary>Whether that write, and all that its node knew then, is part of this.</summary>
    public bool Knows(Dot dot) => Known.GetValueOrDefault(dot.Run) >= dot.Count;

    /// <summary>Another decision in place of those that are known of its backend.</summary>
    /// <param name="dot">Of a run of this node, and later than all before.</param>
    public BackendRegisters With(BackendRegister register, Dot dot) =>
        new(WithoutBackends(b => b == register.Backend).Add(dot, register), Latest(Known.SetItem(dot.Run, dot.Count)));

    /// <summary>What was decided on these backends is gone.</summary>
    /// <inheritdoc cref="With"/>
    public BackendRegisters Without(IReadOnlySet<BackendName> backends, Dot dot) =>
        new(WithoutBackends(backends.Contains), Latest(Known.SetItem(dot.Run, dot.Count)));

    public BackendRegisters Merge(BackendRegisters other)
    {
        if (ReferenceEquals(this, other) || Equals(other))
        {
            return this;
        }

        var written = Written.Where(w => other.Written.ContainsKey(w.Key) || !other.Knows(w.Key))
            .Concat(other.Written.Where(w => !Written.ContainsKey(w.Key) && !Knows(w.Key)));
        ImmutableDictionary<ulong, ulong>.Builder known = Known.ToBuilder();
        foreach ((ulong run, ulong count) in other.Known)
        {
            known[run] = Math.Max(count, known.GetValueOrDefault(run));
        }

        return new BackendRegisters(written.ToImmutableDictionary(), Latest(known.ToImmutable()));
    }

    IReplicatedData IReplicatedData.Merge(IReplicatedData other) => Merge((BackendRegisters)other);

    public bool Equals(BackendRegisters? other) =>
        other is not null
        && Written.Count == other.Written.Count
        && Known.Count == other.Known.Count
        && Written.All(w => other.Written.TryGetValue(w.Key, out BackendRegister? register) && register == w.Value)
        && Known.All(k => other.Known.TryGetValue(k.Key, out ulong count) && count == k.Value);

    public override bool Equals(object? obj) => Equals(obj as BackendRegisters);

    public override int GetHashCode() => Known.Aggregate(Written.Count, (hash, k) => hash ^ HashCode.Combine(k.Key, k.Value));

    private ImmutableDictionary<Dot, BackendRegister> WithoutBackends(Func<BackendName, bool> dropped) =>
        Written.RemoveRange(Written.Where(w => dropped(w.Value.Backend)).Select(w => w.Key));

    private static ImmutableDictionary<ulong, ulong> Latest(ImmutableDictionary<ulong, ulong> known) => known.Count <= RunsMost
        ? known
        : known.OrderByDescending(k => k.Value).ThenBy(k => k.Key).Take(RunsMost).ToImmutableDictionary();

    private static KeyValuePair<Dot, BackendRegister> Later(KeyValuePair<Dot, BackendRegister> left, KeyValuePair<Dot, BackendRegister> right)
    {
        int order = left.Value.Version.CompareTo(right.Value.Version);
        order = order != 0 ? order : left.Value.At.CompareTo(right.Value.At);
        order = order != 0 ? order : string.CompareOrdinal(left.Value.Node, right.Value.Node);
        order = order != 0 ? order : left.Key.CompareTo(right.Key);
        return order > 0 ? left : right;
    }
}

/// <summary>Where the registers are kept in distributed data.</summary>
internal sealed class BackendRegistersKey(string id) : Key<BackendRegisters>(id);
