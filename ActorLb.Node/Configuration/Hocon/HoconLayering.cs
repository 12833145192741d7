namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Puts a later value over an earlier one of the same key: objects merge, everything else is replaced.</summary>
internal static class HoconLayering
{
    /// <param name="replaced">Told of each value within that is replaced by another one, earlier first.</param>
    public static HoconValue Over(HoconValue below, HoconValue above, Action<HoconMember, HoconMember>? replaced = null)
    {
        if (below is HoconObject lower && above is HoconObject upper)
        {
            return Over(lower, upper, replaced);
        }

        return above is HoconUnresolved || (above is HoconObject && below is HoconUnresolved)
            ? new HoconOverlay(below, above)
            : above;
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

        return merged;
    }

    /// <summary>Adds a member to an object that is still being built.</summary>
    public static void Add(HoconObject target, HoconMember member, Action<HoconMember, HoconMember>? replaced = null)
    {
        if (target.Find(member.Key) is not { } earlier)
        {
            target.Put(member);
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
