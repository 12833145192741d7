using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorLb.Node.Wire;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Sessions;

/// <summary>
/// Bindings and buckets on the wire. A binding is 32 bytes: id, backend, version and last seen, each big-endian.
/// What is read is checked, so that nothing gets into a bucket that does not belong there.
/// </summary>
internal static class WireBindings
{
    public static void Binding(this WireWriter writer, in Binding binding)
    {
        writer.UInt64(binding.Id.High);
        writer.UInt64(binding.Id.Low);
        writer.UInt64(binding.Backend.Value);
        writer.UInt32(binding.Version);
        writer.UInt32(binding.LastSeen);
    }

    public static Binding Binding(this ref WireReader reader) =>
        new(new SessionId(reader.UInt64(), reader.UInt64()), new BackendKey(reader.UInt64()), reader.UInt32(), reader.UInt32());

    public static void Session(this WireWriter writer, SessionId id)
    {
        writer.UInt64(id.High);
        writer.UInt64(id.Low);
    }

    public static SessionId Session(this ref WireReader reader) => new(reader.UInt64(), reader.UInt64());

    public static void Bindings(this WireWriter writer, ImmutableArray<Binding> bindings)
    {
        writer.Varint((ulong)bindings.Length);
        foreach (Binding binding in bindings)
        {
            writer.Binding(binding);
        }
    }

    public static ImmutableArray<Binding> Bindings(this ref WireReader reader)
    {
        var bindings = ImmutableArray.CreateBuilder<Binding>(reader.Count(Shared.Sessions.Binding.Bytes));
        while (bindings.Count < bindings.Capacity)
        {
            bindings.Add(reader.Binding());
        }

        return bindings.MoveToImmutable();
    }

    /// <exception cref="SerializationException">One of them belongs to another bucket.</exception>
    public static ImmutableArray<Binding> BindingsOf(this ref WireReader reader, BucketId bucket)
    {
        ImmutableArray<Binding> bindings = reader.Bindings();
        foreach (Binding binding in bindings)
        {
            Belongs(binding, bucket);
        }

        return bindings;
    }

    /// <exception cref="SerializationException">It belongs to another bucket.</exception>
    public static Binding BindingOf(this ref WireReader reader, BucketId bucket)
    {
        Binding binding = reader.Binding();
        Belongs(binding, bucket);
        return binding;
    }

    /// <exception cref="SerializationException">It belongs to another bucket.</exception>
    public static SessionId SessionOf(this ref WireReader reader, BucketId bucket)
    {
        var id = new SessionId(reader.UInt64(), reader.UInt64());
        Belongs(id, bucket);
        return id;
    }

    public static void Bucket(this WireWriter writer, BucketId bucket)
    {
        writer.Text(bucket.Pool);
        writer.Varint((ulong)bucket.Index);
    }

    /// <exception cref="SerializationException">There is no such bucket.</exception>
    public static BucketId Bucket(this ref WireReader reader)
    {
        string pool = reader.Text();
        ulong index = reader.Varint();
        return index < BucketId.Count
            ? new BucketId(pool, (int)index)
            : throw new SerializationException($"there is no bucket {index}");
    }

    private static void Belongs(in Binding binding, BucketId bucket) => Belongs(binding.Id, bucket);

    private static void Belongs(SessionId session, BucketId bucket)
    {
        if (BucketId.IndexOf(session) != bucket.Index)
        {
            throw new SerializationException($"session {session} does not belong to bucket {bucket}");
        }
    }
}
