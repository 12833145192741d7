using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Hosting;
using Akka.Serialization;

namespace ActorLb.Node.Wire;

/// <summary>
/// The only kind of serializer for messages of ours: a table of manifests, types and fields. What is not in the
/// table is neither written nor read. A capability derives one, keeps its rows in a static table, and registers it
/// with <see cref="WireSerializers.WithWireSerializer"/>; types that no table binds fail loudly at the sender.
/// </summary>
/// <example>
/// <code>
/// internal sealed class HealthSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.Health, Table)
/// {
///     internal static readonly ImmutableArray&lt;WireMessage&gt; Table =
///     [
///         WireMessage.Of&lt;ProbeBackend&gt;("PB", (w, m) => w.Text(m.Backend.Id), (ref r) => new ProbeBackend(r.Text())),
///     ];
/// }
///
/// builder.WithWireSerializer("actorlb-health", HealthSerializer.Table, system => new HealthSerializer(system));
/// </code>
/// </example>
internal abstract class WireSerializer : SerializerWithStringManifest
{
    private readonly FrozenDictionary<string, WireMessage> _byManifest;
    private readonly FrozenDictionary<Type, WireMessage> _byType;

    /// <param name="identifier">One of <see cref="WireIdentifiers"/>.</param>
    /// <param name="table">Each manifest and each type once. Types are matched exactly, not by inheritance.</param>
    protected WireSerializer(ExtendedActorSystem system, int identifier, ImmutableArray<WireMessage> table)
        : base(system)
    {
        Identifier = identifier;
        _byManifest = table.ToFrozenDictionary(m => m.Manifest);
        _byType = table.ToFrozenDictionary(m => m.Type);
    }

    public sealed override int Identifier { get; }

    public sealed override string Manifest(object o) => Row(o).Manifest;

    /// <exception cref="SerializationException">The type is not in the table.</exception>
    public sealed override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter();
        Row(obj).Write(writer, obj);
        return writer.ToArray();
    }

    /// <exception cref="SerializationException">Unknown manifest, or bytes that are no such message. Never another exception.</exception>
    public sealed override object FromBinary(byte[] bytes, string? manifest)
    {
        if (!_byManifest.TryGetValue(manifest ?? "", out WireMessage? row))
        {
            throw new SerializationException($"{GetType().Name} ({Identifier}) knows no message \"{manifest}\"");
        }

        try
        {
            var reader = new WireReader(bytes);
            return Received(row.Read(ref reader));
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"{bytes.Length} bytes are no \"{manifest}\": {e.Message}", e);
        }
    }

    /// <summary>Called with every message that was read; returns what actors get of it.</summary>
    protected virtual object Received(object message) => message;

    private WireMessage Row(object message) =>
        _byType.TryGetValue(message.GetType(), out WireMessage? row)
            ? row
            : throw new SerializationException($"{GetType().Name} ({Identifier}) has no row for {message.GetType()}");
}

/// <summary>The identifiers of our serializers on the wire. Never reused for another one.</summary>
internal static class WireIdentifiers
{
    /// <summary>Refuses: what is bound to it has no place on the wire.</summary>
    public const int Refusing = 8100;

    /// <summary>Messages to and from the owners of sessions.</summary>
    public const int Sessions = 8101;

    /// <summary>What distributed data carries of sessions and ticket keys.</summary>
    public const int Replication = 8102;

    /// <summary>Verdicts and probes.</summary>
    public const int Health = 8103;

    /// <summary>Decisions of the operator.</summary>
    public const int Operator = 8104;

    /// <summary>Membership and discovery.</summary>
    public const int Cluster = 8105;

    /// <summary>Reading files again.</summary>
    public const int Reload = 8107;

    /// <summary>Decisions about backends at run time.</summary>
    public const int Overlays = 8108;

    /// <summary>Topologies that are given to the cluster.</summary>
    public const int Revisions = 8109;

    /// <summary>Single sessions as operators see them, and how many came and went.</summary>
    public const int SessionDecisions = 8110;

    /// <summary>Shares of limits of routes.</summary>
    public const int RateLimits = 8111;

    /// <summary>What has happened, between the logs of nodes.</summary>
    public const int Events = 8112;

    /// <summary>What is happening at nodes, for those who look at the dashboard.</summary>
    public const int Figures = 8114;
}

/// <summary>Registration of table serializers.</summary>
internal static class WireSerializers
{
    /// <summary>Binds every type of the table to the serializer that reads and writes it.</summary>
    /// <param name="name">Its name in Akka's configuration, "actorlb-" and the capability.</param>
    public static AkkaConfigurationBuilder WithWireSerializer(
        this AkkaConfigurationBuilder builder,
        string name,
        ImmutableArray<WireMessage> table,
        Func<ExtendedActorSystem, WireSerializer> create) =>
        builder.WithCustomSerializer(name, table.Select(m => m.Type), create);
}
