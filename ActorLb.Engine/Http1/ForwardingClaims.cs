namespace ActorLb.Engine.Http1;

/// <summary>
/// Names of fields in which a proxy tells the next server what it cannot see itself: who the client is, and what it asked
/// for. Whoever is no proxy of ours could write anything there. Fields that the balancer reads or writes have members of
/// <see cref="KnownField"/> of their own; all others are one kind, <see cref="KnownField.ForwardingClaim"/>.
/// </summary>
internal static class ForwardingClaims
{
    /// <summary>Whatever follows, and something must where a dash is the last character. Of four characters or more.</summary>
    public static readonly string[] Prefixes =
    [
        // X-Forwarded-Prefix, -Server, -Ssl, -Scheme, -User; X-Forward-Host; X-Original-URL, -Host, -For.
        "x-forwarded-", "x-forward-", "x-original-", "x-real-host", "x-real-port", "x-real-proto", "x-real-scheme",

        // The connection's TLS and the client's certificate, of nginx's, Apache's and HAProxy's manuals: X-SSL-Client-Verify, X-SSL-Issuer.
        "x-ssl", "ssl-", "x-tls-", "x-client-cert", "x-client-dn", "x-client-verify", "x-client-subject", "x-client-issuer", "client-cert-",
        "x-amzn-mtls-",

        // Applications' servers of their own plugins: WebLogic; WebSphere's $WSSC (scheme), $WSRU (user), $WSCC (certificate) and the like.
        "wl-proxy-", "$wsa", "$wsc", "$wsf", "$wsi", "$wsp", "$wsr", "$wss",

        // Meta-variables of CGI (RFC 3875, 4.1) and their kind, with and without the HTTP_ that stands before fields among them.
        "http-", "auth-type", "document-root", "gateway-interface", "path-info", "path-translated", "query-string", "remote-",
        "script-filename", "server-addr", "server-name", "server-port",
        "server-protocol", "server-software",

        // Who has logged in, of proxies that ask for that: Amazon's and Azure's load balancers, Google's IAP and its API gateways,
        // Cloudflare Access, oauth2-proxy, Authelia, authentik, Pomerium, Tailscale, Kong, Vouch, Apache's modules, Shibboleth, IBM's and CA's.
        "x-amzn-oidc-", "x-ms-client-principal", "x-ms-token-", "x-goog-authenticated-user-", "x-goog-iap-", "x-endpoint-api-userinfo",
        "x-apigateway-api-userinfo", "cf-access-", "x-remote-", "x-authentik-", "x-pomerium-", "tailscale-user-", "x-authenticated-",
        "x-consumer-", "x-userinfo", "x-vouch-user", "x-vouch-idp-", "oidc-claim-", "shib-", "iv-user", "iv-groups", "iv-creds", "iv-remote-",
        "sm-user",

        // The same, as manuals of applications propose it. X-Auth-Token, -Key, -Signature and their kind are credentials, which prove
        // themselves, and no claims.
        "x-auth-request-", "x-auth-user", "x-auth-email", "x-auth-mail", "x-auth-name", "x-auth-fullname", "x-auth-display", "x-auth-group",
        "x-auth-role", "x-auth-subject", "x-auth-sub", "x-auth-principal", "x-webauth-", "x-grafana-user", "x-proxy-user", "x-proxy-email",
        "x-proxy-group", "x-proxy-role",
    ];

    /// <summary>
    /// Whatever stands before: X-Client-IP, True-Client-IP, Fastly-Client-IP; CF-Connecting-IP; Client-Cert (RFC 9440);
    /// CloudFront-Forwarded-Proto; X-Script-Name. Of eight characters or more.
    /// </summary>
    public static readonly string[] Suffixes =
    [
        "client-ip", "connecting-ip", "source-ip", "-real-ip", "remote-ip", "remote-addr", "forwarded-for", "forwarded-host", "forwarded-proto",
        "client-cert", "client-dn", "client-verify", "client-principal", "remote-user", "script-name",
    ];

    /// <summary>Ordinary ones that begin as claims do. HTTP-Referer is what programming interfaces for language models ask for.</summary>
    public static readonly string[] Ordinary = ["http-referer"];

    /// <summary>In lower case, as all of these.</summary>
    public static readonly string[] Names =
    [
        // The client's address, of web servers and libraries.
        "x-real-ip", "x-forwarded", "forwarded-for", "x-originating-ip", "x-proxyuser-ip",

        // The same, of those who sell proxies: Cloudflare, Azure, Google, Netlify, Envoy.
        "cf-connecting-ipv6", "x-appengine-user-ip", "x-nf-client-connection-ip", "cf-pseudo-ipv4", "x-azure-clientip", "x-azure-socketip", "x-envoy-external-address",

        // The target: IIS and Symfony take the first for the request's own path, frameworks the others for its scheme and host.
        "x-rewrite-url", "x-url-scheme", "x-scheme", "front-end-https", "x-http-host-override", "x-envoy-original-path",

        // The same, of CGI.
        "request-uri", "request-method",

        // What CGI programs and libraries take for the address of their own proxy (httpoxy).
        "proxy",

        // The client's certificate: Apache, IIS behind Azure.
        "x-verified-client", "x-clientcert", "x-arr-clientcert", "x-arr-ssl",
    ];
}
