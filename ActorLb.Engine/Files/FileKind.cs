using System.Runtime.InteropServices;

namespace ActorLb.Engine.Files;

/// <summary>What a path leads to, found out without opening it: a pipe that nobody holds at its other end keeps whoever opens it for ever.</summary>
public static unsafe partial class FileKind
{
    private const int AtWorkingDirectory = -100;
    private const uint WantsType = 1;

    // Of struct statx, the same on all architectures (man 2 statx).
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const ushort TypeMask = 0xF000;
    private const ushort Pipe = 0x1000;
    private const ushort Regular = 0x8000;
    private const ushort Folder = 0x4000;
    private const ushort Socket = 0xC000;

    /// <exception cref="IOException">It is a pipe or a socket.</exception>
    public static void RefusePipes(string path)
    {
        if (TypeOf(path) is Pipe or Socket)
        {
            throw new IOException("it is a pipe or a socket, and no file");
        }
    }

    /// <summary>The bytes of a regular file, also where a link leads to it: nothing that never ends, or that waits for a writer.</summary>
    /// <param name="bytesMax">What it may have.</param>
    /// <exception cref="IOException">It is no such file, or has more; or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public static byte[] ReadRegular(string path, int bytesMax)
    {
        if (TypeOf(path) is not (null or Regular or Folder))
        {
            throw new IOException("it is a device, a pipe or a socket, and no file");
        }

        using FileStream file = File.OpenRead(path);
        if (file.Length > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        // Files of /proc call themselves empty, and some of them wait for what may never come.
        if (file.Length == 0)
        {
            return [];
        }

        // It may grow meanwhile.
        byte[] bytes = new byte[(int)file.Length + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= bytesMax ? bytes[..length] : throw TooLarge(bytesMax);
    }

    private static IOException TooLarge(int bytesMax) => new($"it is larger than {bytesMax} bytes");

    private static ushort? TypeOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        byte* found = stackalloc byte[StatxBytes];
        return Statx(AtWorkingDirectory, path, 0, WantsType, found) == 0 ? (ushort)(*(ushort*)(found + ModeOffset) & TypeMask) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* found);
}
