using System.Net;
using ActorLb.Engine.Certificates;

namespace ActorLb.Node.Configuration;

/// <summary>What a configuration depends on beside its files.</summary>
/// <param name="Variable">An environment variable by its name; null where it is not set.</param>
/// <param name="HostName">This machine's name, from which a node without a name makes one.</param>
/// <param name="ReadFile">The bytes of a certificate's file.</param>
internal sealed record ConfigurationEnvironment(
    Func<string, string?> Variable, string HostName, Func<string, byte[]> ReadFile)
{
    /// <summary>By which certificates are valid, or not.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who may do what with a file, also where a link leads to it; null on systems that have no such modes.</summary>
    public Func<string, UnixFileMode?> ModeOf { get; init; } = static path => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    /// <summary>Whether an address leads to this machine.</summary>
    public Func<IPAddress, bool> IsOwnAddress { get; init; } = MachineAddresses.Contain;

    /// <summary>Of this process.</summary>
    public static ConfigurationEnvironment OfProcess { get; } =
        new(System.Environment.GetEnvironmentVariable, System.Environment.MachineName, CertificateStore.ReadFile);
}
