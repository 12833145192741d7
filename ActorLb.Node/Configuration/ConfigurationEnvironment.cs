namespace ActorLb.Node.Configuration;

/// <summary>What a configuration depends on beside its files.</summary>
/// <param name="Variable">An environment variable by its name; null where it is not set.</param>
/// <param name="HostName">This machine's name, from which a node without a name makes one.</param>
/// <param name="FileExists">Whether a certificate is there.</param>
public sealed record ConfigurationEnvironment(
    Func<string, string?> Variable, string HostName, Func<string, bool> FileExists)
{
    /// <summary>Of this process.</summary>
    public static ConfigurationEnvironment OfProcess { get; } =
        new(System.Environment.GetEnvironmentVariable, System.Environment.MachineName, File.Exists);
}
