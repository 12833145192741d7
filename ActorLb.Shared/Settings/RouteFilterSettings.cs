using System.Net;

namespace ActorLb.Shared.Settings;

/// <summary>What a route does with its requests and their answers, beside naming their pool.</summary>
public sealed record RouteFilterSettings
{
    public static RouteFilterSettings None { get; } = new();

    /// <summary>Clients that may ask; empty: all.</summary>
    public EquatableArray<IPNetwork> Allow { get; init; } = [];

    /// <summary>Clients that may not, also where they are allowed.</summary>
    public EquatableArray<IPNetwork> Deny { get; init; } = [];

    /// <summary>Null: there is none.</summary>
    public RateLimitSettings? RateLimit { get; init; }

    /// <summary>Null: nobody is asked.</summary>
    public ForwardAuthSettings? ForwardAuth { get; init; }

    /// <summary>Null: nobody is asked for a password. There is one of the two.</summary>
    public BasicAuthSettings? BasicAuth { get; init; }

    public RewriteSettings Rewrite { get; init; } = RewriteSettings.None;

    /// <summary>In what backends get.</summary>
    public HeaderEditSettings RequestHeaders { get; init; } = HeaderEditSettings.None;

    /// <summary>In what clients get of a backend's answer.</summary>
    public HeaderEditSettings ResponseHeaders { get; init; } = HeaderEditSettings.None;

    /// <summary>Null: that of the pool.</summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>Null: limits.body-bytes-max; 0: there is none.</summary>
    public long? BodyBytesMax { get; init; }

    /// <summary>The route answers with it, and has no pool; null: it does not.</summary>
    public RedirectSettings? Redirect { get; init; }

    /// <inheritdoc cref="Redirect"/>
    public RespondSettings? Respond { get; init; }

    /// <summary>No backend is asked.</summary>
    public bool Answers => Redirect is not null || Respond is not null;
}

/// <summary>What a backend gets in place of what the client asked for.</summary>
/// <param name="StripPrefix">Taken from the path's beginning, by whole segments; empty: nothing.</param>
/// <param name="Prefix">Put before the path then; empty: nothing.</param>
/// <param name="Host">In the Host field; empty: as the client said.</param>
public sealed record RewriteSettings(string StripPrefix, string Prefix, string Host)
{
    public static RewriteSettings None { get; } = new("", "", "");
}

/// <summary>Changes of a message's fields: removed first, then set, then added.</summary>
/// <param name="Set">In place of all fields of that name.</param>
/// <param name="Add">Beside those that are there.</param>
/// <param name="Remove">Names.</param>
public sealed record HeaderEditSettings(EquatableArray<RouteHeader> Set, EquatableArray<RouteHeader> Add, EquatableArray<string> Remove)
{
    public static HeaderEditSettings None { get; } = new([], [], []);
}

/// <param name="To">With {scheme}, {host}, {path}, {query} and {rest}: see docs/filters.md.</param>
/// <param name="Status">301, 302, 303, 307 or 308.</param>
public sealed record RedirectSettings(string To, int Status);

/// <param name="ContentType">Empty: there is none.</param>
public sealed record RespondSettings(int Status, string Body, string ContentType);

/// <summary>How fast requests of a route may come.</summary>
/// <param name="Requests">Per <paramref name="Per"/>, steadily.</param>
/// <param name="Burst">That may come at once.</param>
/// <param name="Header">Whose values are told apart, where they are.</param>
public sealed record RateLimitSettings(int Requests, TimeSpan Per, int Burst, RateLimitKey By, string Header)
{
    /// <summary>All nodes together; false: each node for itself.</summary>
    public bool IsOfCluster { get; init; }
}

/// <summary>A server that says whether a request may go on.</summary>
/// <param name="CopyHeaders">Names of fields of its answer that backends get in place of the client's own.</param>
/// <param name="PassesUnasked">Requests go on where it cannot be asked.</param>
public sealed record ForwardAuthSettings(Uri Url, EquatableArray<string> CopyHeaders, TimeSpan Timeout, bool PassesUnasked);

/// <summary>Names and passwords with which requests may go on.</summary>
/// <param name="UsersFile">The path of a file as htpasswd writes it, with hashes of bcrypt.</param>
/// <param name="Passes">Backends get them, too.</param>
public sealed record BasicAuthSettings(string UsersFile, string Realm, bool Passes);

/// <summary>What of a route's requests is counted together.</summary>
public enum RateLimitKey
{
    /// <summary>Those of one client; of IPv6, of its first 64 bits.</summary>
    ClientAddress,

    /// <summary>Those with the same value of a header.</summary>
    Header,

    /// <summary>All of them.</summary>
    Route,
}
