namespace ActorLb.Engine.Passwords;

/// <summary>What became of one attempt.</summary>
/// <param name="Wait">Until its client may try again, where it failed too often.</param>
internal readonly record struct PasswordVerdict(PasswordOutcome Outcome, TimeSpan Wait = default);

internal enum PasswordOutcome
{
    Right,
    Wrong,

    /// <summary>Not verified: its client has failed too often.</summary>
    FailedOften,

    /// <summary>Not verified: too many others are, at this node.</summary>
    Busy,
}
