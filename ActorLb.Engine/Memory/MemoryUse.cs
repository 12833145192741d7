using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace ActorLb.Engine.Memory;

/// <summary>
/// Bytes that this process has in use: the managed heap without what is free in it, and what of the process' own memory the heap
/// does not have (the loops' buffers, TLS, the runtime). Pages of files do not count. Of one thread.
/// </summary>
internal sealed class MemoryUse : IDisposable
{
    private const string Path = "/proc/self/statm";

    private readonly byte[] _text = new byte[128];
    private readonly SafeFileHandle? _file = OperatingSystem.IsLinux() && File.Exists(Path) ? File.OpenHandle(Path) : null;

    /// <summary>Of what the runtime may use: the machine's memory, or the container's as far as the runtime takes it.</summary>
    public static long Available
    {
        get
        {
            long bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            if (bytes == 0)
            {
                // Known from the first collection on.
                GC.Collect(0);
                bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            }

            return bytes;
        }
    }

    public long Read()
    {
        long heap = GC.GetTotalMemory(forceFullCollection: false);
        long committed = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;

        // Between two collections the heap may have grown by more than is known of it.
        return heap + Math.Max(0, OwnPages() - Math.Max(committed, heap));
    }

    public void Dispose() => _file?.Dispose();

    // Size, resident, shared with files, in pages (man 5 proc).
    private long OwnPages()
    {
        if (_file is null)
        {
            return 0;
        }

        try
        {
            ReadOnlySpan<byte> text = _text.AsSpan(0, RandomAccess.Read(_file, _text, 0));
            text = text[(text.IndexOf((byte)' ') + 1)..];
            int space = text.IndexOf((byte)' ');
            return Utf8Parser.TryParse(text[..space], out long resident, out _) && Utf8Parser.TryParse(text[(space + 1)..], out long shared, out _)
                ? (resident - shared) * Environment.SystemPageSize
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
