using ActorLb.Engine.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.OpenExchanges;

/// <summary>What is known now about the backend and the session of one open exchange.</summary>
/// <param name="Backend">The one that serves it, as the pool has it now; null where the pool has it no more.</param>
/// <param name="HasMoved">A later binding of its session names another backend.</param>
/// <param name="IsOrdered">It has, because an operator moved it.</param>
/// <param name="HasEnded">An operator ended its session.</param>
/// <param name="NodeStops">This node has asked its clients to leave, and waits no longer for tunnels.</param>
internal readonly record struct OpenExchangeFacts(
    ExchangeKind Kind, BackendSnapshot? Backend, WhenDown WhenDown, bool HasMoved, bool IsOrdered, bool HasEnded, bool NodeStops);
