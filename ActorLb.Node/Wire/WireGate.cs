using System.Collections.Frozen;
using System.IO.Compression;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Akka.Util;

namespace ActorLb.Node.Wire;

/// <summary>
/// Stands before one of Akka's serializers, under its identifier, and lets through only the manifests that a
/// cluster of ours needs, in both directions. Manifests are compared as text: no type is ever looked up by a
/// name from the wire.
/// </summary>
internal abstract class WireGate : SerializerWithStringManifest
{
    /// <summary>Envelopes within envelopes. Akka nests three at most; more of them are an attack on the stack.</summary>
    private const int DepthMax = 8;

    /// <summary>What a compressed message may unfold to: 16 full frames.</summary>
    private const int InflatedBytesMax = 64 * 1024 * 1024;

    [ThreadStatic]
    private static int s_depth;

    private readonly FrozenDictionary<string, Type?> _admitted;
    private readonly Lazy<Serializer> _inner;
    private readonly WireRefusals _refusals;

    /// <param name="identifier">Akka's identifier of the serializer behind the gate.</param>
    /// <param name="admitted">The manifests, and for serializers that want a type instead, the type.</param>
    protected WireGate(
        ExtendedActorSystem system,
        int identifier,
        Func<ExtendedActorSystem, Serializer> inner,
        IEnumerable<KeyValuePair<string, Type?>> admitted)
        : base(system)
    {
        Identifier = identifier;
        _refusals = WireSetup.RefusalsOf(system);
        _admitted = admitted.ToFrozenDictionary();
        _inner = new Lazy<Serializer>(() => inner(system));
    }

    public sealed override int Identifier { get; }

    public sealed override string Manifest(object o)
    {
        string manifest = _inner.Value switch
        {
            SerializerWithStringManifest strings => strings.Manifest(o),
            { IncludeManifest: true } => o.GetType().TypeQualifiedName(),
            _ => "",
        };
        return _admitted.ContainsKey(manifest) ? manifest : throw Refused($"{o.GetType()} to be sent");
    }

    public sealed override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return _inner.Value.ToBinary(obj);
    }

    /// <exception cref="SerializationException">Not admitted, or no such message. Never another exception.</exception>
    public sealed override object FromBinary(byte[] bytes, string? manifest)
    {
        // Akka gives null for an empty one.
        manifest ??= "";
        if (!_admitted.TryGetValue(manifest, out Type? type))
        {
            throw Refused($"\"{manifest}\"");
        }

        if (s_depth >= DepthMax)
        {
            throw Refused($"more than {DepthMax} envelopes in each other");
        }

        s_depth++;
        try
        {
            CheckInflation(bytes);
            Check(bytes, manifest);
            object message = _inner.Value is SerializerWithStringManifest strings
                ? strings.FromBinary(bytes, manifest)
                : _inner.Value.FromBinary(bytes, type);
            Check(message);
            return message;
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw Refused($"{bytes.Length} bytes that are no \"{manifest}\": {e.Message}");
        }
        finally
        {
            s_depth--;
        }
    }

    /// <summary>A list of manifests.</summary>
    protected static IEnumerable<KeyValuePair<string, Type?>> Manifests(params IEnumerable<string> manifests) =>
        manifests.Select(m => KeyValuePair.Create(m, (Type?)null));

    /// <summary>Looks at the bytes before Akka does.</summary>
    protected virtual void Check(byte[] bytes, string manifest)
    {
    }

    /// <summary>Looks at the message before an actor does.</summary>
    protected virtual void Check(object message)
    {
    }

    protected SerializationException Refused(string what) => _refusals.Refused($"{GetType().Name} ({Identifier}): {what}");

    // No message in Google's format begins with these two bytes, so what does is compressed.
    private void CheckInflation(byte[] bytes)
    {
        if (bytes is not [0x1F, 0x8B, ..])
        {
            return;
        }

        using var inflated = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        Span<byte> buffer = stackalloc byte[4096];
        int total = 0;
        while (inflated.Read(buffer) is var read and > 0)
        {
            total += read;
            if (total > InflatedBytesMax)
            {
                throw Refused($"{bytes.Length} compressed bytes unfold to more than {InflatedBytesMax}");
            }
        }
    }
}
