namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Joins values that stand beside each other: texts with the blanks between them, lists, or objects.</summary>
internal static class HoconJoining
{
    /// <summary>Null where they are of different kinds.</summary>
    public static HoconValue? Join(HoconOrigin origin, IReadOnlyList<HoconPart> parts)
    {
        if (parts.Count == 1)
        {
            return parts[0].Value;
        }

        if (parts.All(p => p.Value is HoconText))
        {
            return Texts(origin, parts);
        }

        if (parts.All(p => p.Value is HoconList))
        {
            return new HoconList(origin, [.. parts.SelectMany(p => ((HoconList)p.Value).Items)]);
        }

        return parts.All(p => p.Value is HoconObject)
            ? parts.Select(p => p.Value).Aggregate((below, above) => HoconLayering.Over(below, above))
            : null;
    }

    public static HoconText Texts(HoconOrigin origin, IReadOnlyList<HoconPart> parts) =>
        new(origin, string.Concat(parts.Select((p, i) => (i == 0 ? "" : p.Gap) + ((HoconText)p.Value).Text)));
}
