using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace ActorLb.Node.Wire;

/// <summary>
/// Takes the place and the identifier of a serializer that has no business here, and refuses both ways. It takes
/// its manifest as text, so that Akka does not look up a type before asking.
/// </summary>
internal sealed class RefusingSerializer : SerializerWithStringManifest
{
    private readonly WireRefusals _refusals;

    /// <param name="settings">akka.actor.serialization-settings of its name: the identifier.</param>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
        Identifier = settings.GetInt("identifier");
        _refusals = WireSetup.RefusalsOf(system);
    }

    public override int Identifier { get; }

    public override string Manifest(object o) => throw _refusals.Refused($"{o.GetType()} to be sent: no table binds it");

    public override byte[] ToBinary(object obj) => throw _refusals.Refused($"{obj.GetType()} to be sent: no table binds it");

    public override object FromBinary(byte[] bytes, string manifest) =>
        throw _refusals.Refused($"serializer {Identifier}, \"{manifest}\", {bytes.Length} bytes");
}
