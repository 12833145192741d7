namespace ActorLb.Shared.Settings;

/// <summary>What a token of the admin API allows. Each includes those before it.</summary>
public enum AdminRole
{
    /// <summary>To look at what shows no secret and no configuration as a whole.</summary>
    Read,

    /// <summary>Everything.</summary>
    Operate,
}
