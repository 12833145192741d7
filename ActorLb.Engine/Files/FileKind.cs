using System.Runtime.InteropServices;

namespace ActorLb.Engine.Files;

/// <summary>What a path leads to, found out without opening it: a pipe that nobody holds at its other end keeps whoever opens it for ever.</summary>
internal static unsafe partial class FileKind
{
    private const int AtWorkingDirectory = -100;
    private const uint WantsType = 1;

    // Of struct statx, the same on all architectures (man 2 statx).
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const ushort TypeMask = 0xF000;
    private const ushort Pipe = 0x1000;
    private const ushort Socket = 0xC000;

    /// <exception cref="IOException">It is a pipe or a socket.</exception>
    public static void RefusePipes(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        byte* found = stackalloc byte[StatxBytes];
        if (Statx(AtWorkingDirectory, path, 0, WantsType, found) == 0 && (*(ushort*)(found + ModeOffset) & TypeMask) is Pipe or Socket)
        {
            throw new IOException("it is a pipe or a socket, and no file");
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* found);
}
