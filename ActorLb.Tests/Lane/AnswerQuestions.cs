namespace ActorLb.Tests.Lane;

/// <summary>Answers of many forms, good and bad ones, each to several requests.</summary>
internal static class AnswerQuestions
{
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private const string Switch = "GET /tunnel HTTP/1.1\r\nHost: host.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    /// <summary>What they are answers to.</summary>
    private static readonly string[] Requests =
    [
        "GET /a HTTP/1.1\r\nHost: host.example\r\n\r\n",
        "HEAD /a HTTP/1.1\r\nHost: host.example\r\n\r\n",
        "GET /a HTTP/1.0\r\nHost: host.example\r\nConnection: keep-alive\r\n\r\n",
    ];

    /// <summary>Of a length that all understand; the connection stays.</summary>
    private static readonly string[] Whole =
    [
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 201 Created\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 Nowhere at all\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 503\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 102 Processing\r\nConnection: close\r\nX: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        .. from fields in (string[])
            [
                "Connection: keep-alive", "Connection: X-Mine\r\nX-Mine: 1", "Connection: Set-Cookie\r\nSet-Cookie: a=b", "Connection: Content-Length", "Connection: ,", "Keep-Alive: timeout=5, max=9", "Proxy-Connection: keep-alive", "Upgrade: h2c", "Connection: Upgrade\r\nUpgrade: h2c", "TE: trailers", "Trailer: X-Sum",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Date: yesterday\r\nDate: today", "Server: a/1 (b)", "Via: 1.1 a", "Age: -1", "Alt-Svc: h2=\":443\"", "X-Request-Id: mine", "X-ActorLb-Reason: mine", "X-Forwarded-For: 10.0.0.1", "CDN-Loop: a", "Strict-Transport-Security: max-age=1", "Set-Cookie: a=b\r\nSet-Cookie: c=d; Path=/", "Set-Cookie:", "Set-Cookie: ALB=mine", "Cache-Control: public, max-age=60", "Content-Type: text/event-stream",
                "X:", "X:a\t", "X: a\r\nx: b", "X: \u00e9", "X: \"", "!#$%&'*+-.^_`|~: a", "X_Y: a", "X: " + new string('x', 20_000), "Content-Length: 0", "Content-Range: bytes 0-3/9", "Location: //a", "Refresh: 1", "Warning: 199 - a",
            ]
            select $"HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: 0\r\n\r\n",
    ];

    /// <summary>With a body; not for HEAD.</summary>
    private static readonly string[] WithBody =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 05\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 Na\u00efve\r\nContent-Length: 5\r\n\r\nhello",
        Chunked + "0\r\n\r\n", Chunked + "5\r\nhello\r\n0\r\n\r\n", Chunked + "005;a=\"b\"\r\nhello\r\n00;c\r\n\r\n", Chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nTrailer: Set-Cookie\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSet-Cookie: a=b\r\n\r\n", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\ntransfer-encoding:CHUNKED\r\n\r\n0\r\nX-Sum:\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ];

    /// <summary>The end of the connection, or something that is wrong, ends them.</summary>
    private static readonly string[] Last =
    [
        "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 205 Reset Content\r\n\r\nhello", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Chunked, Chunked + "5\r\nhel", Chunked + "5\r\nhello\r\n", Chunked + "5\r\nhello\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        Chunked + "5 \r\nhello\r\n0\r\n\r\n", Chunked + "z\r\n", Chunked + "5\nhello\r\n0\r\n\r\n", Chunked + "5\r\nhello0\r\n\r\n", Chunked + "5\r\nhello\r\nz\r\n", Chunked + "5;" + new string('a', 300) + "\r\nhello\r\n0\r\n\r\n", Chunked + "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", Chunked + "5\r\nhello\r\n0\r\nX : 1\r\n\r\n", Chunked + "5\r\nhello\r\n0\r\nX: 1\r\n 2\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", Switched + "hello", "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 1000 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "<html>\r\n",
        "HTTP/1.1 200 O\u0001K\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 " + new string('x', 9_000) + "\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\u00e9: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\0\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + new string('x', 40_000) + "\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n", "hello", "",
    ];

    public static IEnumerable<Question> All =>
    [
        .. from answer in Whole from request in Requests select new Question(request, answer),
        .. from answer in WithBody from request in Requests where !request.StartsWith("HEAD", StringComparison.Ordinal) select new Question(request, answer),
        .. from answer in Last from request in Requests select new Question(request, answer, AfterAnswer.Ends),
        new Question(Requests[0], "", AfterAnswer.Resets),

        // Answers to an upgrade.
        new Question(Switch, Switched, AfterAnswer.Tunnels),
        new Question(Switch, Switched + "hello", AfterAnswer.Tunnels),
        new Question(Switch, "HTTP/1.1 101 Odd\r\nX: a\r\nConnection: Upgrade, X-Mine\r\nX-Mine: 1\r\nUpgrade: websocket\r\nSet-Cookie: a=b\r\n\r\n", AfterAnswer.Tunnels),
        new Question(Switch, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", AfterAnswer.Ends),
        new Question(Switch, "HTTP/1.1 101 Switching Protocols\r\n\r\n", AfterAnswer.Ends),
        new Question(Switch, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello", AfterAnswer.Ends),
        new Question(Switch, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        new Question(Switch, "HTTP/1.1 200 OK\r\n\r\nhello", AfterAnswer.Ends),
    ];
}
