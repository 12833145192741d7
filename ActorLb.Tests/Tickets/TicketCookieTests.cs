using System.Text;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace ActorLb.Tests.Tickets;

public class TicketCookieTests
{
    private static readonly CookieSettings Settings =
        new("ALB", "/", "", CookieSameSite.Lax, CookieSecure.Auto, HttpOnly: true, MaxAge: null);

    [Fact]
    public void A_partitioned_cookie_says_so()
    {
        var cookie = new TicketCookie(Settings with { Secure = CookieSecure.Always, SameSite = CookieSameSite.None, Partitioned = true });
        byte[] value = new byte[cookie.ValueBytesMax];
        Assert.Equal(
            "ALB=t; Path=/; HttpOnly; SameSite=None; Partitioned; Secure", Encoding.ASCII.GetString(value, 0, cookie.Write("t"u8, secure: true, value)));
    }

    [Theory]
    [InlineData("ALB=x", 1, "x")]
    [InlineData("a=b; ALB=x; c=d", 1, "x")]
    [InlineData("a=b;ALB=x;c=d", 1, "x")]
    [InlineData("ALB=", 1, "")]
    [InlineData("ALB=a=b", 1, "a=b")]
    [InlineData("XALB=x", 0, "")]
    [InlineData("ALBX=x", 0, "")]
    [InlineData("alb=x", 0, "")]
    [InlineData("ALB", 0, "")]
    [InlineData("", 0, "")]
    [InlineData(";;; ;", 0, "")]
    [InlineData("a=ALB=x", 0, "")]
    public void The_cookie_is_found_by_its_exact_name(string header, int times, string value)
    {
        Assert.Equal(times, new TicketCookie(Settings).Find(header, out ReadOnlySpan<char> found));
        Assert.Equal(value, found.ToString());
    }

    [Fact]
    public void Twice_is_counted_in_one_header_and_over_several()
    {
        var cookie = new TicketCookie(Settings);
        Assert.Equal(2, cookie.Find("ALB=x; ALB=x", out _));
        Assert.Equal(2, cookie.Find(new StringValues(["ALB=x", "a=b; ALB=y"]), out _));
    }

    [Theory]
    [InlineData(CookieSecure.Auto, false, "ALB=t; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData(CookieSecure.Auto, true, "ALB=t; Path=/; HttpOnly; SameSite=Lax; Secure")]
    [InlineData(CookieSecure.Always, false, "ALB=t; Path=/; HttpOnly; SameSite=Lax; Secure")]
    [InlineData(CookieSecure.Never, true, "ALB=t; Path=/; HttpOnly; SameSite=Lax")]
    public void Secure_follows_the_setting_and_the_connection(CookieSecure secure, bool tls, string expected) =>
        Assert.Equal(expected, Written(Settings with { Secure = secure }, tls));

    [Fact]
    public void Every_attribute_is_written_as_set() =>
        Assert.Equal(
            "S=t; Path=/app; Domain=example.org; Max-Age=3600; SameSite=None; Secure",
            Written(new CookieSettings("S", "/app", "example.org", CookieSameSite.None, CookieSecure.Always, false, TimeSpan.FromHours(1)), tls: false));

    [Theory]
    [InlineData("ALB=x", 1, "x")]
    [InlineData("a=b; ALB=x; c=d", 1, "x")]
    [InlineData("ALB=x; ALB=y", 2, "y")]
    [InlineData("XALB=x", 0, "")]
    public void The_same_is_found_in_bytes(string field, int times, string value)
    {
        int found = 0;
        ReadOnlySpan<byte> text = default;
        new TicketCookie(Settings).Find(Encoding.ASCII.GetBytes(field), ref found, ref text);
        Assert.Equal((times, value), (found, Encoding.ASCII.GetString(text)));
    }

    private static string Written(CookieSettings settings, bool tls)
    {
        var cookie = new TicketCookie(settings);
        var target = new byte[cookie.ValueBytesMax];
        return Encoding.ASCII.GetString(target, 0, cookie.Write("t"u8, tls, target));
    }
}
