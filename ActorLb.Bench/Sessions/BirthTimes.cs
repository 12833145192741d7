using System.IO.MemoryMappedFiles;

namespace ActorLb.Bench.Sessions;

/// <summary>When each binding was made, in ticks of the machine's monotonic clock, shared by all processes of a run. It outlives them.</summary>
internal sealed class BirthTimes : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private BirthTimes(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        _view = _file.CreateViewAccessor();
    }

    public long Length => _view.Capacity / sizeof(long);

    public static void Make(string path, long count)
    {
        using FileStream file = File.Create(path);
        file.SetLength(count * sizeof(long));
    }

    public static BirthTimes Open(string path) => new(path);

    public long Get(long number) => _view.ReadInt64(number * sizeof(long));

    public void Set(long number, long at) => _view.Write(number * sizeof(long), at);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
