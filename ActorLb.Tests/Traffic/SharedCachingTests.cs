using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traffic;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class SharedCachingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Cache-Control: public")]
    [InlineData("Cache-Control: max-age=31536000, immutable")]
    [InlineData("Cache-Control: immutable")]
    [InlineData("cache-control: no-cache,MAX-AGE=\"60\"")]
    [InlineData("Cache-Control: max-age=99999999999999999999999")]
    [InlineData("Cache-Control: must-revalidate\r\nCache-Control: s-maxage=1")]
    [InlineData("Cache-Control: max-age=0, stale-while-revalidate=60")]
    [InlineData("Cache-Control: private=\"X-Name\", max-age=60")]
    [InlineData("Cache-Control: max-age=60, s-maxage=0")]
    [InlineData("Expires: Sat, 28 Nov 2026 12:00:01 GMT")]
    [InlineData("Expires: Saturday, 28-Nov-26 13:00:00 GMT")]
    [InlineData("Expires: Sun, 28 Nov 2026 13:00:00 GMT")]
    [InlineData("Expires: Sat Nov 28 13:00:00 2026")]
    [InlineData("Cache-Control: max-age=+9")]
    [InlineData("Cache-Control: proxy-revalidate, public;max-age=9")]
    [InlineData("Cache-Control: no-cache\r\nExpires: Sat, 28 Nov 2026 13:00:00 GMT")]
    [InlineData("Cache-Control: no-store\r\nCDN-Cache-Control: max-age=600")]
    [InlineData("Cloudflare-CDN-Cache-Control: public")]
    [InlineData("Cache-Control: private\r\nSurrogate-Control: max-age=3600+600, content=\"ESI/1.0\"")]
    [InlineData("X-Accel-Expires: 10")]
    [InlineData("X-Accel-Expires: @1900000000")]
    public void What_others_may_be_given_is_found(string fields) => Assert.True(MayBeShared(fields));

    [Theory]
    [InlineData("Content-Type: text/html")]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Cache-Control: ")]
    [InlineData("Cache-Control: max-age=0, must-revalidate")]
    [InlineData("Cache-Control: max-age=-1")]
    [InlineData("Cache-Control: max-age=soon")]
    [InlineData("Cache-Control: private, max-age=60")]
    [InlineData("Cache-Control: max-age=60\r\nCache-Control: PRIVATE")]
    [InlineData("Cache-Control: no-store, public")]
    [InlineData("Cache-Control: publicly, x-immutable")]
    [InlineData("Expires: -1")]
    [InlineData("Expires: 0")]
    [InlineData("Expires: Sat, 28 Nov 2026 12:00:00 GMT")]
    [InlineData("Expires: Thu, 01-Jan-1970 00:00:01 GMT")]
    [InlineData("Expires: Sun, 28 Nov 2026 11:59:59 GMT")]
    [InlineData("Expires: Sat Nov 28 11:00:00 2026")]
    [InlineData("Expires: never, ever")]
    [InlineData("Cache-Control: max-age=+0")]
    [InlineData("Cache-Control: max-age=0\r\nExpires: Sat, 28 Nov 2026 13:00:00 GMT")]
    [InlineData("Cache-Control: private\r\nExpires: Sat, 28 Nov 2026 13:00:00 GMT")]
    [InlineData("Surrogate-Control: no-store")]
    [InlineData("X-Accel-Expires: 0")]
    [InlineData("X-Accel-Expires: off")]
    public void What_is_one_clients_own_is_not(string fields) => Assert.False(MayBeShared(fields));

    private static bool MayBeShared(string fields)
    {
        byte[] source = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: 0\r\n\r\n");
        var read = new HeaderField[10];
        var limits = new MessageLimits(8192, 32768, 100, MessageLimits.UsualChunkLineBytesMax);
        Assert.True(ResponseParser.Parse(source, RequestMethod.Get, false, limits, read, out ResponseHead head).IsComplete);
        return SharedCaching.MayBeShared(source, read.AsSpan(0, head.Fields.Count), Now.ToUnixTimeSeconds());
    }
}
