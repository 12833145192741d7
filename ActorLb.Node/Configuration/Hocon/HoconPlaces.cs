namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Finds back where something was written that another reader found in the text that was made of it. Pure.</summary>
internal static class HoconPlaces
{
    /// <summary>Of what stands at a line and column of what <see cref="HoconWriter"/> makes of it; null where nothing begins there.</summary>
    public static HoconOrigin? OriginOf(HoconObject written, int line, int column)
    {
        var found = new List<HoconOrigin>();
        Walk(written, HoconParser.Parse("", HoconWriter.Write(written)));
        return found.Count == 0 ? null : found[^1];

        void Walk(HoconValue before, HoconValue after)
        {
            if ((after.Origin.Line, after.Origin.Column) == (line, column))
            {
                found.Add(before.Origin);
            }

            switch (before, after)
            {
                case (HoconObject first, HoconObject second):
                    foreach (HoconMember member in first.Members)
                    {
                        if (second.Find(member.Key) is { } same)
                        {
                            if ((same.Origin.Line, same.Origin.Column) == (line, column))
                            {
                                found.Add(member.Origin);
                            }

                            Walk(member.Value, same.Value);
                        }
                    }

                    break;
                case (HoconList first, HoconList second):
                    foreach ((HoconValue one, HoconValue other) in first.Items.Zip(second.Items))
                    {
                        Walk(one, other);
                    }

                    break;
                case (HoconOverlay first, HoconOverlay second):
                    Walk(first.Below, second.Below);
                    Walk(first.Above, second.Above);
                    break;
                case (HoconJoined first, HoconJoined second):
                    foreach ((HoconPart one, HoconPart other) in first.Parts.Zip(second.Parts))
                    {
                        Walk(one.Value, other.Value);
                    }

                    break;
            }
        }
    }
}
