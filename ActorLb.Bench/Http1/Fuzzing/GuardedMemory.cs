using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>
/// Memory between two pages that nobody may touch: a parser that reads a byte too far ends the process. An array
/// where there is no mmap.
/// </summary>
internal sealed class GuardedMemory
{
    private const int PageLength = 16 * 1024;
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint _start;
    private readonly byte[]? _array;

    public GuardedMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            _array = new byte[Capacity];
            return;
        }

        // Never given back: there is one per run.
        nint all = Map(0, Capacity + (2 * PageLength), NoAccess, PrivateAnonymous, -1, 0);
        _start = all + PageLength;
        if (all == -1 || Protect(_start, Capacity, ReadWrite) != 0)
        {
            throw new InvalidOperationException($"no memory with guards: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Bytes between the guards.</summary>
    public static int Capacity => 8 * PageLength;

    private Span<byte> All => _array ?? MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), _start), Capacity);

    /// <summary>A copy that ends where the upper guard begins.</summary>
    public ReadOnlySpan<byte> AtEnd(ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = All[^bytes.Length..];
        bytes.CopyTo(place);
        return place;
    }

    /// <summary>A copy that begins where the lower guard ends.</summary>
    public ReadOnlySpan<byte> AtStart(ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = All[..bytes.Length];
        bytes.CopyTo(place);
        return place;
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Protect(nint address, nint length, int protection);
}
