namespace ActorLb.Chaos.Browsers;

/// <summary>What a client keeps of its session between two requests, and how it sends it back. Any thread.</summary>
internal abstract class SessionJar
{
    /// <summary>Name of the pool that its requests lead to.</summary>
    public virtual string Pool => "web";

    /// <summary>What the next request carries.</summary>
    public abstract Presented Present();

    /// <summary>Takes what an answer tells.</summary>
    /// <param name="sent">What its request carried.</param>
    /// <returns>Id of the session that the answer tells; null where it tells none.</returns>
    public abstract string? Take(AnswerFields fields, Presented sent);
}

/// <summary>A field of a request that says whose it is.</summary>
/// <param name="Name">Of the field; null where there is none.</param>
/// <param name="Session">Id of the session that it belongs to; null where it belongs to none.</param>
/// <param name="Also">Id of another session whose ticket it carries beside; null for none.</param>
internal sealed record Presented(string? Name, string? Value, string? Session, string? Also = null)
{
    public static Presented Nothing { get; } = new(null, null, null);
}
