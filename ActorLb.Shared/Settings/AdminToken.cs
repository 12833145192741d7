namespace ActorLb.Shared.Settings;

/// <summary>A bearer token of the admin API. Its name is who calls, wherever that is written down.</summary>
public sealed record AdminToken(string Name, TokenDigest Digest, AdminRole Role)
{
    /// <summary>What admin.token alone is called.</summary>
    public const string DefaultName = "default";
}
