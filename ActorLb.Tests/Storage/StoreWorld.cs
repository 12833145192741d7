using System.Buffers.Binary;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Storage;
using ActorLb.Shared.Sessions;
using ActorLb.Tests.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ActorLb.Tests.Storage;

/// <summary>A data directory, and nodes' stores over it, one after the other. Time stands still: nothing is flushed that a test does not flush.</summary>
public abstract class StoreWorld : IDisposable
{
    protected const uint Now = 1_800_000_000;

    private readonly List<NodeStore> _open = [];

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorlb-store-").FullName;

    protected FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(Now));

    protected string FilePath => Path.Combine(Folder, StoreFile.Name);

    public void Dispose()
    {
        foreach (NodeStore store in _open)
        {
            Close(store);
        }

        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A binding with an id made of a number; numbers that are close are in different buckets.</summary>
    protected static Binding Session(int number, uint version = 1, uint lastSeen = Now)
    {
        ulong high = (ulong)number * 0x9E3779B97F4A7C15;
        return new Binding(new SessionId(high, (ulong)number), SessionWorld.Backends[number % 4], version, lastSeen);
    }

    protected static BindingBucket[] BucketsOf(IEnumerable<Binding> bindings)
    {
        BindingBucket[] buckets = [.. Enumerable.Repeat(BindingBucket.Empty, BucketId.Count)];
        foreach (IGrouping<int, Binding> group in bindings.GroupBy(b => BucketId.IndexOf(b.Id)))
        {
            buckets[group.Key] = BindingBucket.Empty.With([.. group]);
        }

        return buckets;
    }

    protected static void PublishAll(BindingTable table, IEnumerable<Binding> bindings)
    {
        foreach (IGrouping<int, Binding> group in bindings.GroupBy(b => BucketId.IndexOf(b.Id)))
        {
            table.Publish(group.Key, table.Replicated(group.Key).With([.. group]));
        }
    }

    protected static List<Binding> All(BindingTable table)
    {
        var all = new List<Binding>();
        for (int i = 0; i < BucketId.Count; i++)
        {
            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                all.AddRange(table.Replicated(i).Page(page));
            }
        }

        return all;
    }

    /// <summary>As a node does when it stops.</summary>
    private protected static void Close(NodeStore store) => store.DisposeAsync().AsTask().GetAwaiter().GetResult();

    protected static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private protected (NodeStore Store, BindingTable Table) Open(long pageCountMax = 0, string? folder = null)
    {
        var plane = new DataPlane(SessionWorld.Settings(dataDirectory: folder ?? Folder, maxSessions: 2_000_000), Time);
        var store = new NodeStore(plane, NullLogger<NodeStore>.Instance, Time) { PageCountMax = pageCountMax };
        _open.Add(store);
        store.Start();
        return (store, plane.Tables[SessionWorld.Pool]);
    }

    /// <summary>What a kill leaves: the file as it is now, in a folder of its own.</summary>
    private protected (NodeStore Store, BindingTable Table) OpenCopy()
    {
        string copy = Path.Combine(Folder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return Open(folder: copy);
    }
}
