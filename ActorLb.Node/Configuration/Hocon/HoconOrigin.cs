namespace ActorLb.Node.Configuration.Hocon;

/// <summary>Where something was written. Line and column count from 1; a line of 0 means the file as a whole.</summary>
internal readonly record struct HoconOrigin(string File, int Line, int Column)
{
    public static HoconOrigin WholeFile(string file) => new(file, 0, 0);

    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
