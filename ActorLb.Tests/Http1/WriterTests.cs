using System.Text;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

/// <summary>What leaves the balancer is written by it: hop-by-hop fields stay, framing is its own.</summary>
public sealed class WriterTests
{
    private static readonly MessageLimits Limits = new(1000, 1000, 50, 100);
    private static readonly HeaderField[] Fields = new HeaderField[50];

    [Theory]
    [InlineData("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://x/a HTTP/1.1\r\nHost: x:80\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://x?q HTTP/1.1\r\nHost: x\r\n\r\n", "GET /?q HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("OPTIONS http://x HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("OPTIONS http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: backend\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("\r\nBREW / HTTP/1.1\r\nHost: x\r\n\r\n", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n")]
    public void A_request_line_is_in_origin_form_and_host_comes_first(string request, string expected) =>
        Assert.Equal(expected, Rewrite(request));

    [Theory]
    [InlineData("A: b\r\nConnection: close\r\nC: d\r\n", "A: b\r\nC: d\r\n")]
    [InlineData("A:b\r\nC:  d \t\r\nE:\r\nF: \r\n", "A: b\r\nC: d\r\nE:\r\nF:\r\n")]
    [InlineData("Connection: X-Mine, E\r\nX-Mine: 1\r\nA: b\r\ne: f\r\nG: h\r\n", "A: b\r\nG: h\r\n")]
    [InlineData("Keep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\nProxy-Connection: close\r\nProxy-Authorization: s\r\nA: b\r\n", "A: b\r\n")]
    [InlineData("X-Forwarded-For: 1.2.3.4\r\nA: b\r\nX-FORWARDED-FOR: 5.6.7.8\r\n", "A: b\r\n")]
    [InlineData("A: b\r\nA: c\r\nB: \xe4\r\n", "A: b\r\nA: c\r\nB: \xe4\r\n")]
    public void Fields_of_one_connection_and_our_own_stay_behind(string fields, string expected) =>
        Assert.Equal(
            $"GET / HTTP/1.1\r\nHost: x\r\n{expected}\r\n",
            Rewrite($"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n", KnownFieldSet.Of(KnownField.XForwardedFor)));

    [Theory]
    [InlineData("Content-Length: 0005\r\nA: b\r\n", "A: b\r\nContent-Length: 5\r\n")]
    [InlineData("Transfer-Encoding:  CHUNKED\r\nA: b\r\n", "A: b\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Content-Length: 0\r\n", "Content-Length: 0\r\n")]
    public void Framing_is_written_anew(string fields, string expected) =>
        Assert.Equal($"POST / HTTP/1.1\r\nHost: x\r\n{expected}\r\n", Rewrite($"POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nServer: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", false, "HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 404\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false, "HTTP/1.1 404 \r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, "HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false, "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n", false, "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false, "HTTP/1.1 200 OK\r\n\r\n")]
    public void A_response_is_of_HTTP_1_1_and_framed_anew(string response, bool toHead, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(response);
        ResponseParser.Parse(bytes, toHead ? RequestMethod.Head : RequestMethod.Get, false, Limits, Fields, out ResponseHead head);
        var target = new HeadBuffer(new byte[1000]);
        ResponseWriter.WriteStart(ref target, bytes, head);
        ResponseWriter.WriteFields(ref target, bytes, Fields.AsSpan(0, head.Fields.Count), KnownFieldSet.None);
        ResponseWriter.WriteFraming(ref target, head, head.Framing);
        ResponseWriter.WriteEnd(ref target);

        Assert.Equal(expected, Encoding.Latin1.GetString(target.Written));
    }

    [Theory]
    [InlineData("X-Sum", "0\r\nX-Sum: 1\r\n\r\n")]
    [InlineData("x-other, X-SUM", "0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n")]
    [InlineData("", "0\r\n\r\n")]
    [InlineData("Set-Cookie, Connection", "0\r\n\r\n")]
    public void Trailers_are_forwarded_only_where_announced(string announced, string expected)
    {
        byte[] bytes = [.. "0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\nConnection: close\r\nX-Other:2\r\n\r\n"u8];
        ChunkResult end = default(ChunkedDecoder).Next(bytes, Limits, Fields);
        var target = new HeadBuffer(new byte[1000]);

        ChunkWriter.WriteEnd(ref target, bytes, Fields.AsSpan(0, end.TrailerCount), Encoding.ASCII.GetBytes(announced));

        Assert.Equal(expected, Encoding.Latin1.GetString(target.Written));
    }

    [Theory]
    [InlineData(1, "1\r\n")]
    [InlineData(0xabc, "abc\r\n")]
    [InlineData(long.MaxValue, "7fffffffffffffff\r\n")]
    public void A_chunk_size_is_hexadecimal(long size, string expected)
    {
        var target = new HeadBuffer(new byte[ChunkWriter.SizeLineBytesMax]);

        ChunkWriter.WriteSizeLine(ref target, size);

        Assert.True(target.Fits);
        Assert.Equal(expected, Encoding.ASCII.GetString(target.Written));
    }

    [Fact]
    public void What_does_not_fit_is_told()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("POST /path HTTP/1.1\r\nHost: x\r\nA: b\r\nContent-Length: 5\r\n\r\n");
        RequestParser.Parse(bytes, Limits, Fields, out RequestHead head);
        for (int room = 0; room <= bytes.Length + 1; room++)
        {
            var target = new HeadBuffer(new byte[room]);
            Write(ref target, bytes, head, KnownFieldSet.None);
            Assert.Equal(room >= bytes.Length, target.Fits);
        }
    }

    private static string Rewrite(string request, KnownFieldSet own = default)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(request);
        Assert.True(RequestParser.Parse(bytes, Limits, Fields, out RequestHead head).IsComplete);
        var target = new HeadBuffer(new byte[1000]);
        Write(ref target, bytes, head, own);
        return Encoding.Latin1.GetString(target.Written);
    }

    private static void Write(ref HeadBuffer target, byte[] bytes, in RequestHead head, KnownFieldSet own)
    {
        RequestWriter.WriteStart(ref target, bytes, head, "backend"u8);
        RequestWriter.WriteFields(ref target, bytes, Fields.AsSpan(0, head.Fields.Count), own);
        RequestWriter.WriteFraming(ref target, head.Framing, head.ContentLength);
        RequestWriter.WriteEnd(ref target);
    }
}
