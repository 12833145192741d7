using System.Text;
using System.Text.RegularExpressions;
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
    [InlineData("ALB=1", "1")]
    [InlineData("a=b; ALB=1; c=d", "1")]
    [InlineData("a=b;ALB=1;c=d", "1")]
    [InlineData("\tALB=1", "1")]
    [InlineData("a=b;\t ALB=1 \t; c=d", "1")]
    [InlineData("ALB = 1", "1")]
    [InlineData("ALB=\"1\"", "1")]
    [InlineData("ALB=\"1\"; a=\"b\"", "1")]
    [InlineData("ALB= \"1\" ", "1")]
    [InlineData("ALB=1; ALB=2", "12")]
    [InlineData("ALB=1; ALB=\"1\"", "1")]
    [InlineData("ALB=1; a=b; ALB=1; ALB=3; ALB=1", "13")]
    [InlineData("ALB=1; __Secure-ALB=2", "1S2")]
    [InlineData("__Secure-ALB=1; ALB=1", "S1")]
    [InlineData("ALB=1; __Secure-ALB=1", "S1")]
    [InlineData("XALB=1", "")]
    [InlineData("ALBX=1", "")]
    [InlineData("alb=1", "")]
    [InlineData("ALB", "")]
    [InlineData("ALB;=1", "")]
    [InlineData("", "")]
    [InlineData(";;; ;", "")]
    [InlineData("a=ALB=1", "")]
    [InlineData("ALB=", "?")]
    [InlineData("ALB=\"", "?")]
    [InlineData("ALB=\"\"", "?")]
    [InlineData("ALB=\"1", "?")]
    [InlineData("ALB==1", "?")]
    [InlineData("ALB=x; ALB=1; ALB=y", "1??")]
    [InlineData("ALB=1; ALB=2; ALB=3; ALB=4; ALB=5; ALB=6; ALB=7; ALB=8", "12345678")]
    [InlineData("ALB=1; ALB=2; ALB=3; ALB=4; ALB=5; ALB=6; ALB=7; ALB=8; ALB=9", "12345678?")]
    public void Every_ticket_is_found_by_its_exact_name(string field, string tickets)
    {
        string text = Regex.Replace(field, "[0-9]", digit => Ticket(digit.Value[0]));
        var cookie = new TicketCookie(Settings);
        var characters = new PresentedTickets(new byte[PresentedTickets.BufferBytes]);
        cookie.Find(text, ref characters);
        Assert.Equal(tickets, Described(characters));

        var bytes = new PresentedTickets(new byte[PresentedTickets.BufferBytes]);
        cookie.Find(Encoding.ASCII.GetBytes(text), ref bytes);
        Assert.Equal(tickets, Described(bytes));
    }

    [Fact]
    public void They_are_found_over_several_fields()
    {
        var found = new PresentedTickets(new byte[PresentedTickets.BufferBytes]);
        new TicketCookie(Settings).Find(new StringValues(["ALB=" + Ticket('1'), "a=b; ALB=" + Ticket('2')]), ref found);
        Assert.Equal("12", Described(found));
    }

    [Theory]
    [InlineData(CookieSecure.Auto, false, "ALB=t; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData(CookieSecure.Auto, true, "__Secure-ALB=t; Path=/; HttpOnly; SameSite=Lax; Secure")]
    [InlineData(CookieSecure.Always, true, "ALB=t; Path=/; HttpOnly; SameSite=Lax; Secure")]
    [InlineData(CookieSecure.Never, true, "ALB=t; Path=/; HttpOnly; SameSite=Lax")]
    public void Over_TLS_the_cookie_has_a_name_of_its_own_where_plain_HTTP_is_served_too(CookieSecure secure, bool tls, string expected) =>
        Assert.Equal(expected, Written(Settings with { Secure = secure }, tls, mixesSchemes: true));

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

    // A text of a ticket's form that the digit tells from others.
    private static string Ticket(char digit)
    {
        var ticket = new byte[TicketCodec.TicketBytes];
        ticket[0] = 1;
        ticket[26] = (byte)digit;
        return System.Buffers.Text.Base64Url.EncodeToString(ticket);
    }

    private static string Described(in PresentedTickets found)
    {
        var text = new StringBuilder();
        for (int i = 0; i < found.Count; i++)
        {
            text.Append(found.IsSecure(i) ? "S" : "").Append((char)found[i][26]);
        }

        return text.Append('?', found.Unreadable).ToString();
    }

    private static string Written(CookieSettings settings, bool tls, bool mixesSchemes = false)
    {
        var cookie = new TicketCookie(settings, mixesSchemes);
        var target = new byte[cookie.ValueBytesMax];
        return Encoding.ASCII.GetString(target, 0, cookie.Write("t"u8, tls, target));
    }
}
