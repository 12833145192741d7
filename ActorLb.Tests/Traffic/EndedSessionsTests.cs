using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Traffic;

/// <summary>Requests of sessions that an operator ended, and what a presented ticket says to operators.</summary>
public sealed class EndedSessionsTests : DirectorTest
{
    private BindingTable Table => _plane.Tables["web"];

    private uint Now => _plane.Clock.Now;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_ticket_counts_as_none_and_the_client_begins_another_session(bool wasKnown)
    {
        (string cookie, Assignment first) = await NewSession();
        if (wasKnown)
        {
            await Assign(cookie);
        }

        Table.Note(Binding.Ended(first.Binding.Id, Now));
        for (int i = 0; i < 3; i++)
        {
            Assignment next = await Assign(cookie);
            Assert.False(next.IsBound);
            Assert.True(next.NeedsTicket);
            Assert.NotEqual(first.Binding.Id, next.Binding.Id);
        }

        Assert.Equal((3, 0), (_plane.SessionCounters.OfEnded, _plane.SessionCounters.Refused));
        Assert.Equal(0, Table.CountByBackend(Now, TimeSpan.FromMinutes(30)).Values.Sum());
    }

    [Fact]
    public async Task A_later_ticket_of_it_from_the_other_side_of_a_partition_counts_as_none_for_as_long_as_it_could_be_presented()
    {
        (_, Assignment first) = await NewSession();
        Table.Note(Binding.Ended(first.Binding.Id, Now));
        _time.Advance(TimeSpan.FromMinutes(35));
        string late = "ALB=" + Sealed(Pool.Affinity!.Codec, first.Binding with { Version = 4, LastSeen = Now });
        Assert.False((await Assign(late)).IsBound);

        _time.Advance(TimeSpan.FromMinutes(30));
        Table.Expire(Now, TimeSpan.FromMinutes(30));
        Assert.False((await Assign(late)).IsBound);
        Assert.Equal(2, _plane.SessionCounters.OfEnded);
    }

    [Fact]
    public async Task A_forged_ticket_of_it_is_refused_and_keeps_nothing()
    {
        (string cookie, Assignment first) = await NewSession();
        Binding ended = Binding.Ended(first.Binding.Id, Now);
        Table.Note(ended);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False((await Assign(cookie[..^1] + (cookie[^1] == 'A' ? 'B' : 'A'))).IsBound);
        Assert.Equal((0, 1), (_plane.SessionCounters.OfEnded, _plane.SessionCounters.Refused));
        Assert.True(Table.TryGet(first.Binding.Id, out Binding kept));
        Assert.Equal(ended, kept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_asked_for_a_new_home_meanwhile_goes_on_as_another_session(bool ownerKnows)
    {
        (string cookie, Assignment first) = await NewSession();
        await Assign(cookie);
        SetHealth(first.Backend!.Id, BackendHealth.Down);
        Binding ended = Binding.Ended(first.Binding.Id, Now);
        _plane.Rebinder = new Owner(known =>
        {
            Table.Note(ownerKnows ? known : ended);
            return ownerKnows ? ended : known.MovedTo(BackendKey.Of("s:1"), Now);
        });

        Assignment next = await Assign(cookie);

        Assert.False(next.IsBound);
        Assert.NotNull(next.Backend);
        Assert.NotEqual(first.Binding.Id, next.Binding.Id);
        Assert.False((await Assign(cookie)).IsBound);
    }

    [Fact]
    public async Task Events_are_counted_where_they_happen()
    {
        (string cookie, Assignment first) = await NewSession();
        SessionCounts home = first.Backend!.Traffic.Sessions;
        Assert.Equal((1, 0), (home[SessionEvent.Began], home[SessionEvent.Adopted]));
        await Assign(cookie);
        await Assign(cookie);
        Assert.Equal((1, 1), (home[SessionEvent.Began], home[SessionEvent.Adopted]));

        SetHealth(first.Backend.Id, BackendHealth.Down);
        await Assign(cookie);
        Assert.Equal(1, home[SessionEvent.MovedDown]);
        Assert.Equal(1, _plane.Traffic.Keys.Sum(b => _plane.Traffic[b].Sessions.Totals()?.Sum() - 1 ?? 0) - 1);
    }

    [Fact]
    public async Task What_a_client_presents_names_its_session_in_any_form()
    {
        (string cookie, Assignment first) = await NewSession();
        foreach (string text in new[] { cookie, cookie[4..], $" {cookie} ", $"a=b; {cookie}; c=d", $"\"{cookie[4..]}\"", $"ALB=\"{cookie[4..]}\"", $"{cookie}; {cookie}", $"ALB=garbage; {cookie}", $"Cookie: a=b; {cookie}", $"< set-cookie: {cookie}; Path=/; HttpOnly", $"> Cookie: {cookie}" })
        {
            PresentedSessionResult result = PresentedSession.Find(Pool, text);
            Assert.Equal((PresentedSessionKind.Genuine, first.Binding.Id, first.Binding), (result.Kind, result.Id, result.Carried));
        }

        Assert.Equal(0, Table.Count);
        Assert.Equal(0, _plane.SessionCounters.Refused);
    }

    [Fact]
    public async Task What_is_no_ticket_of_one_session_is_told_apart()
    {
        (string cookie, Assignment first) = await NewSession();
        (string other, _) = await NewSession();
        string foreign = Sealed(new TicketCodec(TicketKeyRing.Of([TestPools.Key]), "api"), first.Binding);
        (string Text, PresentedSessionKind Kind)[] cases =
        [
            ("", PresentedSessionKind.Unreadable), ("x", PresentedSessionKind.Unreadable), (new string('A', 100_000), PresentedSessionKind.Unreadable),
            ("ALB=é\u0001", PresentedSessionKind.Unreadable), (cookie[..^1], PresentedSessionKind.Unreadable), ("XALB=" + cookie[4..], PresentedSessionKind.Unreadable),
            (foreign, PresentedSessionKind.NotGenuine), (cookie[..^1] + (cookie[^1] == 'A' ? 'B' : 'A'), PresentedSessionKind.NotGenuine),
            ($"{cookie}; {other}", PresentedSessionKind.Several), (string.Join(';', Enumerable.Repeat("ALB=x", 10_000)), PresentedSessionKind.Unreadable),
        ];
        Assert.All(cases, c => Assert.Equal(c.Kind, PresentedSession.Find(Pool, c.Text).Kind));
    }
}
