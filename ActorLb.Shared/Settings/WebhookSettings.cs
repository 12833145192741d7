namespace ActorLb.Shared.Settings;

/// <summary>Where events of a node are posted to.</summary>
/// <param name="Secret">By which they are signed; empty: they are not.</param>
public sealed record WebhookSettings(Uri Url, string Secret)
{
    /// <summary>Names of kinds, or what they have before their dot; empty: all.</summary>
    public EquatableArray<string> Kinds { get; init; } = [];
}
