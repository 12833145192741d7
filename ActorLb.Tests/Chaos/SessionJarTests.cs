using System.Buffers.Text;
using ActorLb.Chaos.Browsers;
using BalancerTickets = ActorLb.Chaos.Browsers.Tickets;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>What virtual clients send of their sessions.</summary>
public sealed class SessionJarTests
{
    private static readonly string One = Ticket(1);
    private static readonly string Two = Ticket(2);
    private static readonly string Three = Ticket(3);

    private double _now;

    [Fact]
    public void A_cookie_goes_back_with_every_request_and_the_last_one_counts()
    {
        TicketCookieJar jar = Cookies();
        Assert.Null(jar.Present().Name);
        Assert.Equal(BalancerTickets.SessionOf(One), jar.Take(Sets($"ALB={One}; path=/"), Presented.Nothing));
        Assert.Equal(("Cookie", $"ALB={One}", BalancerTickets.SessionOf(One)), (jar.Present().Name, jar.Present().Value, jar.Present().Session));

        jar.Take(Sets($"ALB={Two}"), jar.Present());
        Assert.Equal($"ALB={Two}", jar.Present().Value);
    }

    [Fact]
    public void Of_several_first_answers_one_is_kept()
    {
        TicketCookieJar jar = Cookies();
        jar.Take(Sets($"ALB={One}"), Presented.Nothing);
        jar.Take(Sets($"ALB={Two}"), Presented.Nothing);
        Assert.Equal($"ALB={One}", jar.Present().Value);
    }

    [Fact]
    public void A_lost_cookie_is_followed_by_another_session_and_stays_beside_it()
    {
        TicketCookieJar jar = Cookies();
        jar.Take(Sets($"ALB={One}"), Presented.Nothing);
        Presented late = jar.Present();
        _now = 3;
        jar.Drop();
        Assert.Null(jar.Present().Session);

        jar.Take(Sets($"ALB={One}"), late);
        Assert.Null(jar.Present().Session);
        jar.Take(Sets($"ALB={Two}"), Presented.Nothing);
        Assert.Equal($"ALB={One}; ALB={Two}", jar.PresentTwo(oldFirst: true).Value);
        Assert.Equal($"ALB={Two}; ALB={One}", jar.PresentTwo(oldFirst: false).Value);
        Assert.Equal((BalancerTickets.SessionOf(Two), BalancerTickets.SessionOf(One)), (jar.PresentTwo(true).Session, jar.PresentTwo(true).Also));

        jar.Take(Sets($"ALB={One}"), jar.PresentTwo(oldFirst: true));
        Assert.Equal($"ALB={Two}", jar.Present().Value);
    }

    [Fact]
    public void A_cookie_that_has_just_come_is_not_lost()
    {
        TicketCookieJar jar = Cookies();
        jar.Take(Sets($"ALB={One}"), Presented.Nothing);
        _now = 2;
        jar.Drop();
        Assert.Equal($"ALB={One}", jar.Present().Value);
    }

    [Fact]
    public void A_ticket_in_a_header_goes_back_in_it()
    {
        var jar = new TicketHeaderJar("header", "X-Session");
        Assert.Equal(BalancerTickets.SessionOf(Three), jar.Take(new AnswerFields([("x-session", Three)]), Presented.Nothing));
        Assert.Equal(new Presented("X-Session", Three, BalancerTickets.SessionOf(Three)), jar.Present());
    }

    [Fact]
    public void Another_value_of_the_applications_cookie_is_the_same_session()
    {
        var jar = new ApplicationCookieJar("learn", "ID", "learn-7");
        Assert.Equal("learn-7.1", jar.Take(Sets("ID=a; path=/"), Presented.Nothing));
        Assert.Equal("learn-7.2", jar.Take(Sets("ID=b"), Presented.Nothing));
        Assert.Equal(new Presented("Cookie", "ID=a", "learn-7.1"), jar.Present());

        Assert.Equal("learn-7.1", jar.Take(Sets("ID=c"), jar.Present()));
        Assert.Equal(new Presented("Cookie", "ID=c", "learn-7.1"), jar.Present());
        Assert.Null(jar.Take(Sets("OTHER=d"), jar.Present()));
    }

    private TicketCookieJar Cookies() => new(() => _now);

    private static AnswerFields Sets(string cookie) => new([("Set-Cookie", cookie)]);

    private static string Ticket(byte number)
    {
        var bytes = new byte[51];
        bytes[5] = number;
        return Base64Url.EncodeToString(bytes);
    }
}
