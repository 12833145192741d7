using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using ActorLb.Shared.Messages;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLb.Node.RateLimits;

/// <summary>Shares of limits on the wire.</summary>
internal sealed class RateSerializer(ExtendedActorSystem system) : WireSerializer(system, WireIdentifiers.RateLimits, Table)
{
    /// <summary>Route, key and millionths.</summary>
    private const int PartBytesMin = 13;

    internal static readonly ImmutableArray<WireMessage> Table =
    [
        WireMessage.Of<RatesReported>(
            "RR",
            (w, m) => Write(w, m.Node, m.View, m.Demands),
            (ref r) => new RatesReported(r.Text(), r.UInt32(), ReadParts(ref r))),
        WireMessage.Of<SharesGiven>(
            "RS",
            (w, m) => Write(w, m.Node, m.View, m.Shares),
            (ref r) => new SharesGiven(r.Text(), r.UInt32(), ReadParts(ref r))),
    ];

    private static void Write(WireWriter writer, string node, uint view, ImmutableArray<RatePart> parts)
    {
        writer.Text(node);
        writer.UInt32(view);
        writer.Varint((ulong)parts.Length);
        foreach (RatePart part in parts)
        {
            writer.UInt32(part.Id.Route);
            writer.UInt64(part.Id.Key);
            writer.Varint(part.Millionths);
        }
    }

    private static ImmutableArray<RatePart> ReadParts(ref WireReader reader)
    {
        int count = reader.Count(PartBytesMin);
        var parts = ImmutableArray.CreateBuilder<RatePart>(count);
        for (int i = 0; i < count; i++)
        {
            parts.Add(new RatePart(new RateKeyId(reader.UInt32(), reader.UInt64()), (uint)Math.Min(uint.MaxValue, reader.Varint())));
        }

        return parts.MoveToImmutable();
    }
}

/// <summary>Limits that the whole cluster has, in a node's control plane.</summary>
internal static class RateHosting
{
    public static AkkaConfigurationBuilder WithRateLimits(this AkkaConfigurationBuilder builder, DataPlane plane) => builder
        .WithWireSerializer("actorlb-rate-limits", RateSerializer.Table, system => new RateSerializer(system))
        .WithNodeActor<RateSharesActor>((_, _, _) => Props.Create(() => new RateSharesActor(plane)));
}
