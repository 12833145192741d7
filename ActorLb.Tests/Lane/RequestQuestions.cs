namespace ActorLb.Tests.Lane;

/// <summary>Requests of many forms, good and bad ones: what lanes could understand in two ways.</summary>
internal static class RequestQuestions
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: host.example\r\n\r\n";

    private const string Chunk = "5\r\nhello\r\n";

    private const string LastChunk = "0\r\n\r\n";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "M-SEARCH"];

    private static readonly string[] TargetForms = ["/a/../b?c=%2F", "http://host.example/p?q", "http://host.example", "*", "host.example:80"];

    private static readonly string[] Versions = ["HTTP/1.1", "HTTP/1.0"];

    private static readonly string[] Targets =
    [
        "", "?q", "a", "/?", "/??", "//", "//a//b", "/.", "/..", "/../..", "/./a/", "/%2e%2e/a", "/%2E%2e%2fa", "/%", "/%zz", "/%00", "/%0d%0a", "/%20",
        "/a;b=c;d", "/a\\b", "/a|b", "/<\">", "/{a}", "/^`", "/\u00e9", "/a#b", "/a\tb", "/a b", "/a\u0001", "/a\u007f", "/*", "/@:80", "**",
        "HTTP://HOST.EXAMPLE/", "http://host.example?q", "http://host.example:80/", "http://host.example:/", "https://host.example/", "http://host.example/a#b",
        "http://user@host.example/", "http://host.example.other/", "http:///p", "http:/p", "http:p", "http://", "http://[::1]/", "ftp://host.example/", "urn:a:b",
        "/" + new string('a', 8_000), "/" + new string('a', 9_000),
    ];

    private static readonly string[] Lines =
    [
        "GET /", "GET", "GET / ", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", " GET / HTTP/1.1", "\r\nGET / HTTP/1.1", "\r\n\r\nGET / HTTP/1.1",
        "\nGET / HTTP/1.1", "GET / HTTP/1.2", "GET / HTTP/1.9", "GET / HTTP/1.10", "GET / HTTP/01.1", "GET / HTTP/0.9", "GET / HTTP/2.0", "GET / HTTP/1", "GET / HTTP/1.", "GET / http/1.1",
        "GET / HTTP 1.1", "GET / ICY/1.1", "G\u00e9T / HTTP/1.1", "G(T / HTTP/1.1", "\"GET\" / HTTP/1.1", "PRI * HTTP/2.0", new string('M', 200) + " / HTTP/1.1", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r",
    ];

    private static readonly string[] Hosts =
    [
        "Host: h", "Host: H.Example", "Host: h:80", "Host: h:", "Host: h:0", "Host: h:65535", "Host: h:65536", "Host: h:8a", "Host: :80", "Host:", "Host: \t", "Host:h\t", "HOST: h", "Host : h", " Host: h",
        "Host: h.", "Host: h..", "Host: .h", "Host: [::1]", "Host: [::1]:80", "Host: [::1", "Host: ::1", "Host: 1.2.3.4", "Host: user@h", "Host: h/i", "Host: h i", "Host: h,i", "Host: h_i", "Host: h%2e",
        "Host: \u00e9", "Host: h\r\nHost: h", "Host: h\r\nHost: i", "Host: h\r\nhost:", "X: h", "X-Host: h\r\nHost: h", "Host: " + new string('h', 300),
    ];

    private static readonly string[] Fields =
    [
        // What concerns one connection.
        "Connection: close", "Connection: Close", "Connection: keep-alive", "Connection: keep-alive, close", "Connection: close\r\nConnection: keep-alive", "Connection:", "Connection: , ,", "Connection: \"close\"",
        "Connection: X-Mine\r\nX-Mine: 1", "Connection: close, x-mine\r\nX-Mine: 1\r\nX-Mine: 2", "Connection: Host", "Connection: Cookie\r\nCookie: a=b", "Connection: Authorization\r\nAuthorization: Basic YTpi",
        "Connection: X-Forwarded-For\r\nX-Forwarded-For: 10.0.0.1", "Connection: X-Forwarded-Host\r\nX-Forwarded-Host: other.example", "Connection: X-Request-Id\r\nX-Request-Id: mine", "Connection: CDN-Loop", "Connection: Via\r\nVia: 1.1 a",
        "Connection: a b\r\na: 1", "Connection: a;b\r\na: 1", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Connection: close", "Proxy-Authorization: Basic YTpi", "Proxy-Authenticate: Basic",
        "TE: trailers", "TE: gzip", "Connection: TE\r\nTE: trailers", "Connection: TE\r\nTE: trailers, gzip;q=0.5", "Trailer: X-Sum",

        // Upgrades that come to nothing.
        "Upgrade: websocket", "Connection: Upgrade", "Connection: Upgrade\r\nUpgrade: websocket", "Connection: upgrade, keep-alive\r\nUpgrade: WebSocket", "Connection: Upgrade\r\nUpgrade: h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        "Connection: Upgrade\r\nUpgrade: h2c, websocket", "Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket", "Connection: Upgrade\r\nUpgrade: other/1", "Connection: Upgrade, close\r\nUpgrade: websocket",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13",

        // Cookies.
        "Cookie: a=b", "Cookie: a", "Cookie: =b", "Cookie:", "Cookie: a=b;c=d;", "Cookie: ;; a=b ;", "Cookie: a=\"b;c\"", "Cookie: a=\u00e9", "Cookie: a=b\r\nCookie: c=d", "Cookie: a=b;\r\nCookie: c=d\r\ncookie:", "Cookie: ALB=", "Cookie: ALB=nobody's", "Cookie: a=b; ALB=1; ALB=2; c=d", "Set-Cookie: a=b",

        // What proxies say.
        "X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2, 10.0.0.3", "X-Forwarded-For:", "X-Forwarded-For: ,", "X-Forwarded-For: \"odd", "X-Forwarded-Proto: https", "X-Forwarded-Proto: https, http", "X-Forwarded-Proto:", "X-Forwarded-Host: other.example:81",
        "X-Forwarded-Host: a\r\nX-Forwarded-Host: b", "X-Forwarded-Port: 81", "X-Forwarded-Proto: https\r\nX-Forwarded-Host: other.example", "Forwarded: for=10.0.0.1;proto=https", "Forwarded: for=\"[::1]\"\r\nForwarded: by=a", "Forwarded: \"odd", "X-Forwarded-Prefix: /a", "X_Forwarded_For: 10.0.0.1", "X-Real-IP: 10.0.0.1",
        "Client-Cert: :AAAA:", "Via: 1.0 a, 1.1 b", "Via: 1.0 a\r\nVia: 1.1 b", "CDN-Loop: other", "CDN-Loop: actorlb; a=b, actorlb", "CDN-Loop: " + string.Join(", ", Enumerable.Repeat("actorlb", 8)), "CDN-Loop: a\r\nCDN-Loop: b",
        "X-Request-Id: mine", "X-Request-Id:", "X-Request-Id: a b", "X-Request-Id: a\r\nX-Request-Id: b", "X-Request-Id: " + new string('i', 300), "X-ActorLb-Reason: mine", "Max-Forwards: 0",

        // What servers answer by.
        "Range: bytes=0-3", "Range: bytes=9-1", "Range: odd", "Range: bytes=0-0,2-2\r\nIf-Range: \"a\"", "If-None-Match: *", "If-None-Match: W/\"a\", \"b", "If-Match: \"a\"\r\nIf-Modified-Since: yesterday", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "Authorization: Basic YTpi", "Authorization: NTLM TlRMTVNTUAABAAAA", "Authorization: Negotiate YII=", "Accept-Encoding: gzip;q=0, *", "Date: yesterday", "Content-Type: text/plain", "Content-Encoding: gzip", "Expect: 100-continue", "Expect: other", "Expect:", "Early-Data: 1", "Content-Length: 0",

        // Names and values.
        "X:", "X:  \t ", "X:a", "X:\ta\t", "X: a  b", "X: a,", "X: a\r\nX: b", "x: a\r\nX: b", "X: \u00e9\u00ff", "X: a:b", "X: \"", "1: a", "!#$%&'*+-.^_`|~: a", "X_Y: a", "X.Y: a", "X : a", "X\t: a", ": a", "X", "X(: a", "X\u00e9: a", "X: a\u0001", "X: a\u007f", "X: a\0b",
        "X: a\r\n b", "X: a\r\n\tb", "X: a\r\n \r\nY: b", "X: a\rb", "X: a\nY: b", "X: a\n\r\nY: b", " X: a", "\tX: a", "X: " + new string('x', 20_000), "X: " + new string('x', 40_000), new string('X', 5_000) + ": a",
        string.Join("\r\n", Enumerable.Repeat("X: a", 99)), string.Join("\r\n", Enumerable.Repeat("X: a", 100)), "Connection: " + string.Join(",", Enumerable.Range(0, 200).Select(i => $"x{i}")),
    ];

    /// <summary>Fields and body of a POST.</summary>
    private static readonly string[] Bodies =
    [
        // Lengths.
        "\r\n", "\r\nhello", "Content-Length: 5\r\n\r\nhello", "Content-Length: 05\r\n\r\nhello", "Content-Length:5 \t\r\n\r\nhello", "content-length: 0\r\n\r\n", "Content-Length: 0\r\n\r\n" + Smuggled, "Content-Length: 5\r\n\r\nhello" + Smuggled,
        "Content-Length: +5\r\n\r\nhello", "Content-Length: -1\r\n\r\n", "Content-Length: 0x5\r\n\r\nhello", "Content-Length: 5,5\r\n\r\nhello", "Content-Length: 5, 6\r\n\r\nhello!", "Content-Length: 5;\r\n\r\nhello", "Content-Length: 5 5\r\n\r\nhello", "Content-Length:\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "Content-Length: 0\r\nContent-Length: 46\r\n\r\n" + Smuggled, "Content-Length: 99999999999999999999\r\n\r\n", "Content-Length : 46\r\n\r\n" + Smuggled, "Content_Length: 46\r\n\r\n" + Smuggled, "X: a\r\n Content-Length: 46\r\n\r\n" + Smuggled,
        "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + LastChunk, "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello", "Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + LastChunk,

        // Codings.
        .. from coding in (string[])
            [
                " chunked", "chunked", " Chunked", " chunked ", "\tchunked", " chunked\u000b", " xchunked", " chunked, chunked", " identity", " identity, chunked", " gzip, chunked", " chunked, gzip", " chunked;q=1", " \"chunked\"", "", " , chunked", " chunked,",
                " chunked\r\nTransfer-Encoding: chunked", " chunked\r\nTransfer-Encoding: identity", " identity\r\nTransfer-Encoding: chunked", " chunked\r\nContent-Length: 5", " chunked\r\nContent-Length: 0", "\r\n chunked",
            ]
            select $"Transfer-Encoding:{coding}\r\n\r\n{Chunk}{LastChunk}",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + LastChunk + Smuggled, "Transfer-Encoding : chunked\r\n\r\n" + LastChunk + Smuggled, "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + LastChunk, "X: a\nTransfer-Encoding: chunked\r\n\r\n" + LastChunk, "Transfer-Encoding: chunked\r\n\r\n" + LastChunk + Smuggled,

        // Chunks.
        .. from chunks in (string[])
            [
                LastChunk, "00\r\n\r\n", "005\r\nhello\r\n" + LastChunk, "a\r\n0123456789\r\nA\r\n0123456789\r\n" + LastChunk, "5;a\r\nhello\r\n0;b\r\n\r\n", "5;a=b;c=\"d;e\"\r\nhello\r\n" + LastChunk, "5; a = b\r\nhello\r\n" + LastChunk, "5 ;a\r\nhello\r\n" + LastChunk, "5;\r\nhello\r\n" + LastChunk, "5;=\r\nhello\r\n" + LastChunk,
                "5;a=\"\r\nhello\r\n" + LastChunk, "5 \r\nhello\r\n" + LastChunk, "5\t\r\nhello\r\n" + LastChunk, " 5\r\nhello\r\n" + LastChunk, "+5\r\nhello\r\n" + LastChunk, "-5\r\nhello\r\n" + LastChunk, "0x5\r\nhello\r\n" + LastChunk, "z\r\n", "\r\n" + LastChunk, "5\nhello\r\n" + LastChunk, "5\r\nhello\n" + LastChunk, "5\r\nhello" + LastChunk, "5\r\nhello!\r\n" + LastChunk,
                "5;a\nb\r\nhello\r\n" + LastChunk, "5;" + new string('a', 300) + "\r\nhello\r\n" + LastChunk, "FFFFFFFFFFFFFFFF\r\n", "10000000000000000\r\n", "00000000000000005\r\nhello\r\n" + LastChunk, string.Concat(Enumerable.Repeat("1\r\na\r\n", 200)) + LastChunk,

                // Trailers.
                Chunk + "0\r\nX-Sum: 1\r\n\r\n", Chunk + "0\r\nX-Sum:\r\nX-Other: 2\r\n\r\n", Chunk + "0\r\nContent-Length: 5\r\n\r\n", Chunk + "0\r\nTransfer-Encoding: chunked\r\n\r\n", Chunk + "0\r\nHost: h\r\n\r\n", Chunk + "0\r\nCookie: a=b\r\n\r\n", Chunk + "0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n", Chunk + "0\r\nX : 1\r\n\r\n",
                Chunk + "0\r\nX-Sum: 1\r\n 2\r\n\r\n", Chunk + "0\r\n X-Sum: 1\r\n\r\n", Chunk + "0\r\nX\r\n\r\n", Chunk + "0\r\nX-Sum: 1\n\r\n", Chunk + "0\n\n", Chunk + "0\r\nX-Sum: " + new string('x', 40_000) + "\r\n\r\n",
            ]
            select $"Transfer-Encoding: chunked\r\n\r\n{chunks}",
        "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + "0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n", "Trailer: X-Sum, Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + "0\r\nx-sum: 1\r\nX-Sum: 2\r\n\r\n", "Trailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + "0\r\nAuthorization: Basic YTpi\r\n\r\n",
        "Connection: Trailer, X-Sum\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + "0\r\nX-Sum: 1\r\n\r\n", "Trailer: X-Forwarded-For\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk + "0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
    ];

    /// <summary>Several requests of one connection.</summary>
    private static readonly string[] Sequences =
    [
        Smuggled + Smuggled + Smuggled,
        Smuggled + "\r\n" + Smuggled,
        Smuggled + "\r\n\r\n\r\n" + Smuggled,
        Smuggled + " " + Smuggled,
        Smuggled + "GET / HTTP/1.0\r\n\r\n" + Smuggled,
        Smuggled + "GET / HTTP/1.1\r\n\r\n" + Smuggled,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello\r\n" + Smuggled,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + Smuggled,
        "GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n" + Smuggled,
        "GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive, close\r\n\r\n" + Smuggled,
        "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + Smuggled,
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + Smuggled,
        "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + Smuggled,
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.0\r\n\r\nhello",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + LastChunk,
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + LastChunk,
        "GET / HTTP/1.0\r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        "GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n",
        "GET / HTTP/1.0\r\nHost:\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nMax-Forwards: 0\r\n\r\nhello" + Smuggled,
    ];

    /// <summary>Cut off by the client's end.</summary>
    private static readonly string[] Unfinished =
    [
        "", "\r\n", "G", "GET /", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h", "GET / HTTP/1.1\r\nHost: h\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r", Smuggled, Smuggled + "GET /",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    ];

    public static IEnumerable<Question> All =>
    [
        .. from method in Methods from target in TargetForms from version in Versions select new Question($"{method} {target} {version}\r\nHost: host.example\r\n\r\n"),
        .. Targets.Select(t => new Question($"GET {t} HTTP/1.1\r\nHost: host.example\r\n\r\n")),
        .. Lines.Select(l => new Question($"{l}\r\nHost: host.example\r\n\r\n")),
        .. Hosts.Select(h => new Question($"GET /h HTTP/1.1\r\n{h}\r\n\r\n")),
        .. Fields.Select(f => new Question($"GET /f HTTP/1.1\r\nHost: host.example\r\n{f}\r\n\r\n")),
        .. Bodies.Select(b => new Question($"POST /b HTTP/1.1\r\nHost: host.example\r\n{b}")),
        .. Sequences.Select(s => new Question(s)),
        .. Unfinished.Select(u => new Question(u, ClientEnds: true)),
    ];
}
