namespace ActorLb.Chaos.Targets.Processes;

/// <summary>Where libfaketime is: it shifts the wall clock of a process that runs, and leaves the monotonic clock alone.</summary>
internal static class FakeClock
{
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib64/faketime", "/usr/lib/faketime"];

    /// <returns>Null where it is not installed.</returns>
    public static string? FindLibrary() => Folders.Select(f => Path.Combine(f, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists);
}
