namespace ActorLb.Engine.Http1;

/// <summary>Fields that the balancer reads or writes itself, or must not forward.</summary>
internal enum KnownField : byte
{
    Other,
    Host,
    Connection,
    ContentLength,
    TransferEncoding,
    Expect,
    Upgrade,
    Te,
    Trailer,
    KeepAlive,
    ProxyConnection,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyAuthenticationInfo,
    Http2Settings,
    Cookie,
    SetCookie,
    Date,
    Via,
    Forwarded,
    XForwardedFor,
    XForwardedProto,
    XForwardedHost,
    XForwardedPort,
    XRequestId,
    Authorization,
    WwwAuthenticate,
    CdnLoop,
    TraceParent,
    TraceState,

    /// <summary>Any other name in which a proxy speaks of its client (<see cref="ForwardingClaims"/>).</summary>
    ForwardingClaim,

    /// <summary>
    /// A twin of one of these (<see cref="TwinNames"/>), which gateways would take for what the balancer wrote, or saw missing: it goes to no backend, whoever sends it.
    /// </summary>
    Disguised,
}

/// <summary>A set of known fields: bit i for field i.</summary>
internal readonly record struct KnownFieldSet(ulong Bits)
{
    public static readonly KnownFieldSet None;

    /// <summary>Fields of one connection, never forwarded, whatever Connection says (RFC 9110, 7.6.1).</summary>
    public static readonly KnownFieldSet HopByHop = Of(
        KnownField.Connection,
        KnownField.KeepAlive,
        KnownField.ProxyConnection,
        KnownField.ProxyAuthenticate,
        KnownField.ProxyAuthorization,
        KnownField.ProxyAuthenticationInfo,
        KnownField.Te,
        KnownField.TransferEncoding,
        KnownField.Upgrade,
        KnownField.Http2Settings);

    /// <summary>What a message says of its own framing and host: written anew by the balancer, and never a trailer.</summary>
    public static readonly KnownFieldSet Framing = Of(KnownField.Host, KnownField.ContentLength, KnownField.TransferEncoding);

    /// <summary>What is read before the body, or written by the balancer, is not taken from a trailer (RFC 9110, 6.5.1).</summary>
    public static readonly KnownFieldSet NeverTrailers = HopByHop | Framing | Of(
        KnownField.Cookie,
        KnownField.SetCookie,
        KnownField.Expect,
        KnownField.Trailer,
        KnownField.Via,
        KnownField.Forwarded,
        KnownField.XForwardedFor,
        KnownField.XForwardedProto,
        KnownField.XForwardedHost,
        KnownField.XForwardedPort,
        KnownField.XRequestId,
        KnownField.Authorization,
        KnownField.WwwAuthenticate,
        KnownField.CdnLoop,
        KnownField.ForwardingClaim,
        KnownField.Disguised);

    public static KnownFieldSet Of(params ReadOnlySpan<KnownField> fields)
    {
        ulong bits = 0;
        foreach (KnownField field in fields)
        {
            bits |= 1UL << (int)field;
        }

        return new KnownFieldSet(bits);
    }

    public static KnownFieldSet operator |(KnownFieldSet left, KnownFieldSet right) => new(left.Bits | right.Bits);

    public bool Contains(KnownField field) => (Bits & (1UL << (int)field)) != 0;

    public bool Overlaps(KnownFieldSet other) => (Bits & other.Bits) != 0;
}
