namespace ActorLb.Chaos.Targets;

/// <summary>A pool of the nodes, which clients reach by a host name of its own.</summary>
/// <param name="Field">Name of the field or of the cookie that carries a session; null: the balancer's own cookie.</param>
public sealed record PoolPlace(string Name, SessionCarrier Carrier, string? Field = null);

/// <summary>What tells a balancer whose request it is.</summary>
public enum SessionCarrier
{
    /// <summary>The balancer's own cookie.</summary>
    Cookie,

    /// <summary>A field of requests and answers, for clients without cookies.</summary>
    Header,

    /// <summary>The application's cookie.</summary>
    Application,
}
