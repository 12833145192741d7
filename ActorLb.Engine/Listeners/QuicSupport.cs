using System.Net.Quic;

namespace ActorLb.Engine.Listeners;

/// <summary>Whether this machine has what HTTP/3 needs.</summary>
public static class QuicSupport
{
    /// <summary>.NET speaks QUIC by Microsoft's msquic, which is part of Windows 11 and a package (libmsquic) elsewhere.</summary>
    public static bool IsThere { get; } =
        (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) && QuicListener.IsSupported;

    /// <summary>What to do where it is not.</summary>
    public const string Missing = "this machine has no QUIC: install the package libmsquic (on Windows: Windows 11 or Server 2022)";
}
