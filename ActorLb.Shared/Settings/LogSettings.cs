namespace ActorLb.Shared.Settings;

/// <summary>What a node says of itself on stderr, and in which form.</summary>
/// <param name="Level">The least that is said.</param>
public sealed record LogSettings(LogFormat Format, LogThreshold Level)
{
    public static readonly LogSettings Default = new(LogFormat.Console, LogThreshold.Information);
}

public enum LogFormat
{
    /// <summary>One line an entry, for people.</summary>
    Console,

    /// <summary>One object of JSON an entry, each in a line of its own.</summary>
    Json,
}

/// <summary>From least to most; the same words and numbers as those of Microsoft.Extensions.Logging, which this project does not know.</summary>
public enum LogThreshold
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
    None,
}
