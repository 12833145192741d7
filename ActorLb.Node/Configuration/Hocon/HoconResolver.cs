using System.Collections.Immutable;

namespace ActorLb.Node.Configuration.Hocon;

/// <summary>
/// Replaces every <c>${…}</c> once all layers are known: by the key of that path, else by the environment variable
/// of that name.
/// </summary>
internal sealed class HoconResolver
{
    /// <summary>What all references together may bring, in characters or about as many bytes: each may lead to several more.</summary>
    private const int BroughtMax = 4 << 20;
    private const int ReferenceSize = 16;
    private const int ListSize = 32;
    private const int ObjectSize = 256;
    private const int EntrySize = 8;

    private readonly HoconObject _root;
    private readonly Func<string, string?> _variable;
    private readonly Action<HoconOrigin, string, string> _mistake;
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);
    private readonly HashSet<string> _referred = new(StringComparer.Ordinal);
    private int _depth;
    private long _brought;

    /// <param name="variable">An environment variable by its name; null where it is not set.</param>
    /// <param name="mistake">Told where, what is wrong and what would be right.</param>
    public HoconResolver(HoconObject root, Func<string, string?> variable, Action<HoconOrigin, string, string> mistake)
    {
        _root = root;
        _variable = variable;
        _mistake = mistake;
    }

    /// <summary>Whether some <c>${…}</c> began with this key of the root.</summary>
    public bool Referred(string rootKey) => _referred.Contains(rootKey);

    public HoconObject Resolve() => Resolve(_root);

    private HoconObject Resolve(HoconObject value)
    {
        Bring(value.Origin, ObjectSize + (EntrySize * value.Members.Count()));
        var resolved = new HoconObject(value.Origin);
        foreach (HoconMember member in value.Members)
        {
            HoconValue? known = member.Value is HoconOverlay overlay ? Resolve(overlay, out bool isUnset) : Resolve(member.Value, out isUnset);
            if (known is not null)
            {
                resolved.Put(member with { Value = known });
            }

            if (isUnset)
            {
                resolved.Unset(member.Key, member.Origin);
            }
        }

        return resolved;
    }

    /// <summary>Null: not defined, so the key is as if it were not there.</summary>
    private HoconValue? Resolve(HoconValue value) => value switch
    {
        HoconObject members => Resolve(members),
        HoconList list => Bring(list.Origin, ListSize + (EntrySize * list.Items.Length)) ? new HoconList(list.Origin, [.. list.Items.Select(Resolve).OfType<HoconValue>()]) : new HoconUnknown(list.Origin),
        HoconReference reference => Resolve(reference),
        HoconJoined joined => Resolve(joined),
        HoconOverlay overlay => Resolve(overlay, out _),
        _ => value,
    };

    private HoconValue? Resolve(HoconValue value, out bool isUnset)
    {
        HoconValue? known = Resolve(value);
        isUnset = known is null;
        return known;
    }

    /// <param name="isUnset">Nothing came of what was written last.</param>
    private HoconValue? Resolve(HoconOverlay overlay, out bool isUnset)
    {
        HoconValue? above = Resolve(overlay.Above, out isUnset);
        if (above is not (null or HoconObject))
        {
            return above;
        }

        HoconValue? below = Resolve(overlay.Below);
        return above is null ? below : below is null ? above : HoconLayering.Over(below, above);
    }

    private HoconValue? Resolve(HoconJoined joined)
    {
        var parts = ImmutableArray.CreateBuilder<HoconPart>();
        foreach (HoconPart part in joined.Parts)
        {
            if (Resolve(part.Value) is { } known)
            {
                parts.Add(part with { Value = known });
            }
        }

        if (parts.Count == 0)
        {
            return null;
        }

        if (parts.FirstOrDefault(p => p.Value is HoconUnknown).Value is { } unknown)
        {
            return unknown;
        }

        return HoconJoining.Join(joined.Origin, parts) ?? Wrong(
            joined.Origin, "values of different kinds beside each other", "only texts, only lists or only objects");
    }

    private HoconValue? Resolve(HoconReference reference)
    {
        _depth++;
        bool mayBring = Bring(reference.Origin, ReferenceSize);
        _depth--;
        if (!mayBring)
        {
            return new HoconUnknown(reference.Origin);
        }

        if (!_underWay.Add(reference.Name))
        {
            return Wrong(reference.Origin, $"${{{reference.Name}}} refers to itself", "a reference to another key");
        }

        _referred.Add(reference.Path[0]);
        _depth++;
        HoconValue? found = Find(_root, reference.Path, 0) is { } raw ? Resolve(raw) : null;
        bool fits = found is not HoconText brought || Bring(reference.Origin, brought.Text.Length);
        _depth--;
        _underWay.Remove(reference.Name);
        if (found is not null)
        {
            return fits ? found : new HoconUnknown(reference.Origin);
        }

        if (_variable(reference.Name) is { } text)
        {
            return new HoconText(reference.Origin, text);
        }

        return reference.Optional ? null : Wrong(
            reference.Origin,
            $"{reference.Name} is neither a key nor an environment variable",
            $"the variable set, or ${{?{reference.Name}}} where the value may be missing");
    }

    private HoconValue? Find(HoconValue value, ImmutableArray<string> path, int depth)
    {
        if (depth == path.Length)
        {
            return value;
        }

        switch (value)
        {
            case HoconObject members:
                return members.Find(path[depth]) is { } member ? Find(member.Value, path, depth + 1) : null;
            case HoconOverlay overlay:
                HoconValue? above = Find(overlay.Above, path, depth);
                HoconValue? below = Find(overlay.Below, path, depth);
                return above is null ? below : below is null ? above : HoconLayering.Over(below, above);
            case HoconReference or HoconJoined:
                return Resolve(value) is { } resolved and not HoconUnresolved ? Find(resolved, path, depth) : null;
            default:
                return null;
        }
    }

    // What stands in the text itself is as long as that is. False: there is too much of the rest, which is told once.
    private bool Bring(HoconOrigin origin, int size)
    {
        if (_depth == 0 && _brought <= BroughtMax)
        {
            return true;
        }

        bool wasTold = _brought > BroughtMax;
        _brought += size;
        if (_brought > BroughtMax && !wasTold)
        {
            _mistake(origin, "references lead to references to more than a configuration can hold", "references that lead to less");
        }

        return _brought <= BroughtMax;
    }

    private HoconUnknown Wrong(HoconOrigin origin, string problem, string expected)
    {
        _mistake(origin, problem, expected);
        return new HoconUnknown(origin);
    }
}
