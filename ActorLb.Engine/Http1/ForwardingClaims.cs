namespace ActorLb.Engine.Http1;

/// <summary>
/// Names of fields in which a proxy tells the next server what it cannot see itself: who the client is, and what it asked
/// for. Whoever is no proxy of ours could write anything there. Fields that the balancer reads or writes have members of
/// <see cref="KnownField"/> of their own; all others are one kind, <see cref="KnownField.ForwardingClaim"/>.
/// </summary>
internal static class ForwardingClaims
{
    /// <summary>Whatever follows. Of eight characters or more, the first eight of no other one of them.</summary>
    public static readonly string[] Prefixes =
    [
        // X-Forwarded-Prefix, -Server, -Ssl, -Scheme, -User; X-Original-URL, -Host, -For; X-SSL-Client-Verify.
        "x-forwarded-", "x-original-", "x-ssl-client-", "ssl-client-",

        // Who has logged in, of proxies that ask for that: Amazon's and Azure's load balancers, Google's IAP, Cloudflare Access,
        // oauth2-proxy, Authelia, authentik, Pomerium, Tailscale.
        "x-amzn-oidc-", "x-amzn-mtls-", "x-ms-client-principal", "x-goog-authenticated-user-", "x-goog-iap-", "cf-access-", "x-auth-request-",
        "x-remote-", "x-authentik-", "x-pomerium-", "tailscale-user-",
    ];

    /// <summary>
    /// Whatever stands before: X-Client-IP, True-Client-IP, Fastly-Client-IP; CF-Connecting-IP, DO-Connecting-IP; Client-Cert
    /// (RFC 9440), X-SSL-Client-Cert.
    /// </summary>
    public static readonly string[] Suffixes = ["client-ip", "connecting-ip", "client-cert"];

    /// <summary>In lower case, as all of these.</summary>
    public static readonly string[] Names =
    [
        // The client's address, of web servers and libraries.
        "x-real-ip", "x-forwarded", "x-forward-for", "forwarded-for", "x-originating-ip", "x-proxyuser-ip", "remote-addr",

        // The same, of those who sell proxies: Cloudflare, Azure, Google, Netlify, Envoy.
        "cf-connecting-ipv6", "x-appengine-user-ip", "x-nf-client-connection-ip", "cf-pseudo-ipv4", "x-azure-clientip", "x-azure-socketip", "x-envoy-external-address",

        // The target: IIS and Symfony take the first for the request's own path, frameworks the others for its scheme and host.
        "x-rewrite-url", "x-url-scheme", "x-scheme", "front-end-https", "x-http-host-override", "x-envoy-original-path",

        // What CGI programs and libraries take for the address of their own proxy (httpoxy).
        "proxy",

        // The client's certificate: RFC 9440, Apache, nginx's and HAProxy's manuals, IIS behind Azure.
        "x-client-verify", "x-verified-client", "x-client-dn", "x-client-cert-dn", "x-clientcert", "client-cert-chain", "x-ssl-cert", "x-arr-clientcert", "x-arr-ssl",

        // Who has logged in: Apache, Grafana, Authelia.
        "remote-user", "remote-groups", "remote-name", "remote-email", "x-webauth-user",
    ];
}
