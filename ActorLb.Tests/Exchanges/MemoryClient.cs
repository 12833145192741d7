using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Exchanges;

/// <summary>Who asks, by which listener, and over what kind of connection.</summary>
internal sealed record MemoryClient(ListenerSettings Listener)
{
    public IPAddress Peer { get; init; } = IPAddress.Parse("192.0.2.1");

    /// <inheritdoc cref="Engine.Exchanges.IExchange.IsMultiplexed"/>
    public bool IsMultiplexed { get; init; }

    /// <inheritdoc cref="Engine.Exchanges.IExchange.IsLeaving"/>
    public bool IsLeaving { get; init; }

    /// <summary>Where it has a connection that knows it; null: nowhere.</summary>
    public BackendSnapshot? OwnedAt { get; init; }

    public ForwardedClient Forwarded => new(Listener, Peer);
}
