namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Puts a later value over an earlier one of the same key: objects merge, everything else is replaced.</summary>
internal static class HoconLayering
{
    /// <summary>Each is walked when it is resolved: a file, a place of its own for each node, and some more need a few.</summary>
    private const int LayersMax = 64;

    /// <param name="replaced">Told of each value within that is replaced by another one, earlier first.</param>
    /// <exception cref="HoconSyntaxException">The value has been written over too often to be resolved.</exception>
    public static HoconValue Over(HoconValue below, HoconValue above, Action<HoconMember, HoconMember>? replaced = null)
    {
        if (below is HoconObject lower && above is HoconObject upper)
        {
            return Over(lower, upper, replaced);
        }

        if (above is not HoconUnresolved && (above is not HoconObject || below is not HoconUnresolved))
        {
            return above;
        }

        var overlay = new HoconOverlay(below, above);
        return overlay.Layers <= LayersMax
            ? overlay
            : throw new HoconSyntaxException(above.Origin, $"this key is written more than {LayersMax} times, over values that refer to others", "each key once");
    }

    public static HoconObject Over(HoconObject below, HoconObject above, Action<HoconMember, HoconMember>? replaced = null)
    {
        var merged = new HoconObject(above.Origin);
        foreach (HoconMember member in below.Members)
        {
            merged.Put(member);
        }

        foreach (HoconMember member in above.Members)
        {
            Add(merged, member, replaced);
        }

        merged.Unset(below);
        merged.Unset(above);
        return merged;
    }

    /// <summary>Adds a member to an object that is still being built.</summary>
    /// <param name="owns">
    /// Nobody else has what is in the target, so that it may be changed: a file with a section's keys one by one would be copied for each.
    /// </param>
    public static void Add(HoconObject target, HoconMember member, Action<HoconMember, HoconMember>? replaced = null, bool owns = false)
    {
        if (target.Find(member.Key) is not { } earlier)
        {
            target.Put(member);
            return;
        }

        if (owns && earlier.Value is HoconObject lower && member.Value is HoconObject upper)
        {
            HoconObject merged = lower.MoveTo(upper.Origin);
            foreach (HoconMember next in upper.Members)
            {
                Add(merged, next, replaced, owns);
            }

            target.Put(member with { Value = merged });
            return;
        }

        HoconValue layered = Over(earlier.Value, member.Value, replaced);
        if (ReferenceEquals(layered, member.Value))
        {
            replaced?.Invoke(earlier, member);
        }

        target.Put(member with { Value = layered });
    }
}
