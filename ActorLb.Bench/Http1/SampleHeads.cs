using System.Text;

namespace ActorLb.Bench.Http1;

/// <summary>Messages as they are on the wire every day.</summary>
internal static class SampleHeads
{
    private const string Ticket = "ALB=AQDq1f0RZ3Yy0n9kGQ8mXo2b4WqT7uLh5vJc6sPaNdEwKxUzBt3iRrFgHyOlMkS1jDf8AeCp";

    public static readonly (string Name, byte[] Bytes)[] Requests =
    [
        ("wrk", Bytes("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")),
        ("wrk with a ticket", Bytes($"GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: {Ticket}\r\n\r\n")),
        ("browser, 10 fields", Bytes(
            "GET /shop/cart?item=4711&colour=blue HTTP/1.1\r\n"
            + "Host: shop.example.com\r\n"
            + "Connection: keep-alive\r\n"
            + "Cache-Control: max-age=0\r\n"
            + "Upgrade-Insecure-Requests: 1\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36\r\n"
            + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
            + "Referer: https://shop.example.com/\r\n"
            + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
            + "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
            + $"Cookie: consent=yes; {Ticket}; theme=dark\r\n\r\n")),
        ("POST with a length", Bytes(
            "POST /api/v1/orders HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: client/2.3\r\nAccept: application/json\r\n"
            + $"Content-Type: application/json\r\nContent-Length: 512\r\nCookie: {Ticket}\r\n\r\n")),
    ];

    public static readonly (string Name, byte[] Bytes)[] Responses =
    [
        ("nginx, 42 bytes", Bytes(
            "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\nContent-Type: text/plain\r\n"
            + "Content-Length: 42\r\nConnection: keep-alive\r\n\r\n")),
    ];

    public static readonly byte[] Chunks = Bytes(
        string.Concat(Enumerable.Repeat("400\r\n" + new string('x', 1024) + "\r\n", 64)) + "0\r\n\r\n");

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
