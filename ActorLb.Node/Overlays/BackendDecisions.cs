using System.Collections.Immutable;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Overlays;

/// <summary>What becomes of the registers by what an operator wants; also whether that can be. Pure.</summary>
internal static class BackendDecisions
{
    /// <summary>Before sessions move: every node that can be reached knows of it by then.</summary>
    private static readonly TimeSpan MovesLead = TimeSpan.FromMilliseconds(250);

    /// <summary>How long requests and tunnels that have no session may still run at a backend that is removed at once.</summary>
    private static readonly TimeSpan NowGrace = TimeSpan.FromSeconds(5);

    private const int NamesTold = 20;

    /// <summary>The registers that are to be written; null in place of one that is to be dropped. Empty: it is so already.</summary>
    /// <exception cref="BackendChangeException">It cannot be.</exception>
    public static ImmutableDictionary<BackendName, BackendRegister?> Decide(BackendChange change, BackendRegisters known, BackendFacts facts)
    {
        ImmutableDictionary<BackendName, BackendRegister?> decided = change switch
        {
            AddBackend add => One(add.Backend, Add(add, known, facts), known),
            RemoveBackend remove => One(remove.Backend, Remove(remove, known, facts), known),
            WeighBackend weigh => One(weigh.Backend, Weigh(weigh, known, facts), known),
            ResetBackends reset => Reset(reset, known, facts),
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
        int more = decided.Count(d => d.Value is not null && !known.ByBackend.ContainsKey(d.Key));
        return more == 0 || known.ByBackend.Count + more <= BackendRegisters.Most
            ? decided
            : throw new BackendChangeException(
                "too-many-overlays", $"{BackendRegisters.Most} backends have a decision of an operator, and that is the most: write them down in the configuration, and reset them.");
    }

    private static ImmutableDictionary<BackendName, BackendRegister?> One(BackendName backend, BackendRegister? next, BackendRegisters known)
    {
        BackendRegister? before = known.ByBackend.GetValueOrDefault(backend);
        return ReferenceEquals(next, before) ? ImmutableDictionary<BackendName, BackendRegister?>.Empty
            : ImmutableDictionary<BackendName, BackendRegister?>.Empty.Add(backend, next);
    }

    private static BackendRegister? Add(AddBackend add, BackendRegisters known, BackendFacts facts)
    {
        BackendName name = add.Backend;
        BackendSettings[] there = [.. facts.There(name.Pool).Where(b => !b.IsTold)];
        BackendRegister? before = known.ByBackend.GetValueOrDefault(name);
        if (there.FirstOrDefault(b => b.Id == name.Id) is { } same)
        {
            return same.Address == add.Address && (add.Weight is null || add.Weight == same.Weight) && (add.IsBackup is null || add.IsBackup == same.IsBackup) ? before
                : throw Exists(same.Address == add.Address && add.IsBackup is { } backup && backup != same.IsBackup
                    ? $"{name} is there already, and is {(same.IsBackup ? "a" : "no")} backup: remove it first, or change where it is written."
                    : same.Address == add.Address
                    ? $"{name} is there already with weight {same.Weight}: \"actorlb weight {name} {add.Weight}\" changes it."
                    : $"{name} is there already, at {Text(same.Address)}: remove it first, or add this one with another id.");
        }

        if (there.FirstOrDefault(b => b.Address == add.Address) is { } twin)
        {
            throw Exists($"{Text(add.Address)} is there already, as {name.Pool}/{twin.Id}: raise its weight where it should get more.");
        }

        if (there.FirstOrDefault(b => BackendKey.Of(b.Id) == BackendKey.Of(name.Id)) is { } alike)
        {
            throw Exists($"The id \"{name.Id}\" cannot be told from \"{alike.Id}\" in cookies: take another one.");
        }

        if (facts.Leaving(name) is { } leaving && leaving.Address != add.Address)
        {
            throw Exists($"{name} still drains at {Text(leaving.Address)}, and its sessions would come to another server: wait for its end, or take another id.");
        }

        return facts.Written(name) is { } written ? Back(add, written, before, facts)
            : before is { Address: null, Removal: not null } && Text(add.Address) == $"http://{name.Id}" ? Back(add, null, before, facts)
            : Next(name, before, facts) with { Address = add.Address, Weight = add.Weight, IsBackup = add.IsBackup == true };
    }

    // It was removed, and is what is written again.
    private static BackendRegister? Back(AddBackend add, WrittenBackend? written, BackendRegister? before, BackendFacts facts)
    {
        if (written is not null && written.Address != Text(add.Address))
        {
            throw Exists($"{add.Backend} was removed, and is written at {written.Address}: add it there, or this one with another id.");
        }

        // One to which a name leads is what is written of that name.
        bool isBackup = written is null
            ? facts.Pool(add.Backend.Pool).Names.Any(n => n.IsBackup)
            : facts.Topology.Written.Pools[add.Backend.Pool].Backends.Any(b => b.Id == add.Backend.Id && b.IsBackup);
        if (add.IsBackup is { } wanted && wanted != isBackup)
        {
            throw Exists($"{add.Backend} was removed, and is written as {(isBackup ? "a" : "no")} backup: change it there, or add this one with another id.");
        }

        return add.Weight is null || add.Weight == (written?.Weight ?? 1) ? null : Next(add.Backend, before, facts) with { Weight = add.Weight };
    }

    private static BackendRegister? Remove(RemoveBackend remove, BackendRegisters known, BackendFacts facts)
    {
        BackendName name = remove.Backend;
        PoolSettings pool = facts.Pool(name.Pool);
        BackendRegister? before = known.ByBackend.GetValueOrDefault(name);
        bool isThere = facts.There(name.Pool).Any(b => b.Id == name.Id);
        if (!isThere && before?.Removal is null)
        {
            throw Unknown(name, facts);
        }

        return !isThere && remove is { DrainFor: null, Now: false } ? before : Removed(name, pool, remove.DrainFor, remove.Now, before, facts);
    }

    private static BackendRegister Removed(
        BackendName name, PoolSettings pool, TimeSpan? drainFor, bool now, BackendRegister? before, BackendFacts facts)
    {
        BackendRegister next = Next(name, before, facts);
        TimeSpan? span = now ? MovesLead + NowGrace : drainFor ?? (pool.DrainDeadline > TimeSpan.Zero ? pool.DrainDeadline : null);
        return next with
        {
            Address = before?.Address,
            Weight = before?.Weight,
            IsBackup = before is { IsBackup: true },
            Removal = new BackendRemoval(
                before?.Removal?.At ?? facts.Now,
                facts.Now + span,
                now ? SessionMoves.At(facts.Now + MovesLead, 0, rate: null) : null,
                next.Version,
                facts.Node),
        };
    }

    private static BackendRegister? Weigh(WeighBackend weigh, BackendRegisters known, BackendFacts facts)
    {
        BackendName name = weigh.Backend;
        BackendRegister? before = known.ByBackend.GetValueOrDefault(name);
        if (weigh.Weight is < 1 or > BackendReader.WeightMax)
        {
            throw new BackendChangeException("bad-weight", $"{weigh.Weight} is no weight: it is a whole number from 1 to {BackendReader.WeightMax}.");
        }

        if (facts.There(name.Pool).FirstOrDefault(b => b.Id == name.Id) is not { } there)
        {
            throw before?.Removal is null ? Unknown(name, facts) : new BackendChangeException("backend-removed", $"{name} was removed: add it again first.");
        }

        return there.Weight == weigh.Weight ? before
            : before?.Address is { } address && facts.Written(name) is null ? Next(name, before, facts) with { Address = address, Weight = weigh.Weight, IsBackup = before.IsBackup }
            : facts.Written(name)?.Weight == weigh.Weight ? null
            : Next(name, before, facts) with { Weight = weigh.Weight };
    }

    private static ImmutableDictionary<BackendName, BackendRegister?> Reset(ResetBackends reset, BackendRegisters known, BackendFacts facts)
    {
        BackendRegister[] meant = [.. known.ByBackend.Values.Where(r => (reset.Pool ?? r.Backend.Pool) == r.Backend.Pool && (reset.Id ?? r.Backend.Id) == r.Backend.Id)];
        if (meant.Length == 0 && reset.Pool is { } pool)
        {
            facts.Pool(pool);
            if (reset.Id is { } id && facts.There(pool).All(b => b.Id != id) && facts.Leaving(new BackendName(pool, id)) is null)
            {
                throw Unknown(new BackendName(pool, id), facts);
            }
        }

        return meant
            .Where(r => !(IsAdded(r, facts) && r.Removal is not null))
            .ToImmutableDictionary(
                r => r.Backend,
                r => IsAdded(r, facts) ? Removed(r.Backend, facts.Topology.InForce.Pools[r.Backend.Pool], null, now: false, r, facts) : null);
    }

    // What is there by a decision alone leaves as any other backend does.
    private static bool IsAdded(BackendRegister register, BackendFacts facts) =>
        register.Address is not null && facts.Written(register.Backend) is null && facts.Topology.InForce.Pools.ContainsKey(register.Backend.Pool);

    private static BackendRegister Next(BackendName name, BackendRegister? before, BackendFacts facts) =>
        new(name, (before?.Version ?? 0) + 1, facts.Node, facts.Now) { Below = facts.Written(name) };

    private static BackendChangeException Exists(string detail) => new("backend-exists", detail);

    private static BackendChangeException Unknown(BackendName name, BackendFacts facts)
    {
        string[] all = [.. facts.There(name.Pool).Select(b => b.Id).Order(StringComparer.Ordinal)];
        return new BackendChangeException(
            "unknown-backend",
            $"Pool \"{name.Pool}\" has no backend \"{name.Id}\"; there {(all.Length == 0 ? "is none" : $"{(all.Length == 1 ? "is" : "are")} {string.Join(", ", all.Take(NamesTold))}")}.");
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
