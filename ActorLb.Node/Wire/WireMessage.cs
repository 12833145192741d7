namespace ActorLb.Node.Wire;

/// <summary>Reads the fields of one message in the order in which they were written.</summary>
internal delegate T WireRead<out T>(ref WireReader reader);

/// <summary>
/// One row of a serializer's table: the name that a message has on the wire, its type, and how its fields are
/// written and read. A manifest is never used again for something else; new fields are added at the end.
/// </summary>
internal abstract class WireMessage
{
    private WireMessage(string manifest, Type type)
    {
        Manifest = manifest;
        Type = type;
    }

    /// <summary>A few letters that stay the same over versions, as the golden bytes of the tests do.</summary>
    public string Manifest { get; }

    public Type Type { get; }

    public static WireMessage Of<T>(string manifest, Action<WireWriter, T> write, WireRead<T> read)
        where T : notnull => new Row<T>(manifest, write, read);

    internal abstract void Write(WireWriter writer, object message);

    internal abstract object Read(ref WireReader reader);

    private sealed class Row<T>(string manifest, Action<WireWriter, T> write, WireRead<T> read) : WireMessage(manifest, typeof(T))
        where T : notnull
    {
        internal override void Write(WireWriter writer, object message) => write(writer, (T)message);

        internal override object Read(ref WireReader reader) => read(ref reader);
    }
}
