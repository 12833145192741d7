namespace ActorLb.Node.Configuration.Hocon;

/// <summary>A text that is no HOCON: where, what is wrong there, and what would be right.</summary>
internal sealed class HoconSyntaxException(HoconOrigin origin, string problem, string expected) : Exception(problem)
{
    public HoconOrigin Origin { get; } = origin;

    public string Expected { get; } = expected;
}
