using ActorLb.Engine.Http2.Client;
using Xunit;

namespace ActorLb.Tests.Http2.Client;

public sealed class HeartbeatTests
{
    private const int Silence = Heartbeat.SilenceMin;
    private const int Interval = Heartbeat.AskInterval;

    /// <summary>What servers of gRPC allow by default behind a frame of an answer: one, and two within five minutes of the last (grpc/doc/keepalive.md).</summary>
    private const int StrikesMax = 2;

    [Theory]
    [InlineData(0, 0, Silence - 1, false)]
    [InlineData(0, 0, Silence, true)]
    [InlineData(0, 1, Silence, false)]
    [InlineData(1, 0, Silence, false)]
    [InlineData(1, 1, Silence + 1, true)]
    public void Who_was_silent_for_long_while_a_call_waited_is_asked(long heard, long began, long givenUp, bool isAsked)
    {
        var heart = new Heartbeat(0);
        heart.Hear(heard);

        Assert.Equal(isAsked, heart.Doubt(began, givenUp));
        Assert.Equal(isAsked, heart.IsDoubtful);
    }

    [Fact]
    public void The_answer_to_a_ping_ends_the_doubt()
    {
        var heart = new Heartbeat(0);
        Assert.True(heart.Doubt(0, Silence));
        heart.Hear(Silence + 10);
        heart.Answered();

        Assert.False(heart.IsDoubtful);
        Assert.False(heart.IsGone(Silence + 10 + Heartbeat.PatienceMax));
    }

    [Fact]
    public void Who_answers_no_ping_is_gone()
    {
        var heart = new Heartbeat(0);
        Assert.True(heart.Doubt(0, Silence));

        Assert.False(heart.IsGone(Silence + Heartbeat.PatienceMax - 1));
        Assert.True(heart.IsGone(Silence + Heartbeat.PatienceMax));
    }

    [Theory]
    [InlineData(Interval - 1, false)]
    [InlineData(Interval, true)]
    public void Who_answers_no_calls_is_asked_again_after_five_minutes_only(int later, bool isAsked)
    {
        var heart = new Heartbeat(0);
        Assert.True(heart.Doubt(0, Silence));
        heart.Hear(Silence);
        heart.Answered();

        Assert.Equal(isAsked, heart.Doubt(Silence, Silence + later));

        // Nobody goes there meanwhile all the same.
        Assert.True(heart.IsDoubtful);
    }

    [Fact]
    public void A_doubt_that_could_not_be_asked_is_asked_when_it_may()
    {
        var heart = new Heartbeat(0);
        Assert.True(heart.Doubt(0, Silence));
        heart.Hear(Silence);
        heart.Answered();
        Assert.False(heart.Doubt(Silence, 3 * Silence));

        Assert.False(heart.TryAskAgain(Silence + Interval - 1));
        Assert.True(heart.TryAskAgain(Silence + Interval));
        Assert.False(heart.TryAskAgain(Silence + Interval));
    }

    [Fact]
    public void Nobody_is_asked_without_a_doubt()
    {
        var heart = new Heartbeat(0);

        Assert.False(heart.TryAskAgain(Interval));
        Assert.False(heart.Doubt(0, Silence - 1));
        Assert.False(heart.TryAskAgain(Interval));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_pays_for_another_ping_but_not_one_that_was_on_its_way(bool isBehindThePing)
    {
        var heart = new Heartbeat(0);
        Assert.True(heart.Doubt(0, Silence));
        heart.Hear(Silence + 1);
        if (isBehindThePing)
        {
            heart.Answered();
        }

        heart.HearAnswer();
        heart.Answered();

        Assert.Equal(isBehindThePing, heart.Doubt(Silence + 1, (2 * Silence) + 1));
    }

    [Fact]
    public void Whatever_clients_and_the_server_do_a_server_of_gRPC_counts_nothing_against_us()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var heart = new Heartbeat(0);
        long lastPing = long.MinValue / 2;
        int strikes = 0;
        int pings = 0;
        long now = 0;
        for (int i = 0; i < 200_000; i++)
        {
            now += random.Next(1, 20_000);
            if (random.Next(50) == 0)
            {
                heart.Hear(now);
                heart.HearAnswer();
                lastPing = long.MinValue / 2;
                strikes = 0;
            }
            else if (random.Next(2) == 0 ? heart.Doubt(now - random.Next(60_000), now) : heart.TryAskAgain(now))
            {
                strikes += now - lastPing < Interval ? 1 : 0;
                lastPing = now;
                pings++;
                heart.Hear(now);
                heart.Answered();
            }

            Assert.True(strikes == 0, $"seed {seed}, step {i}: {strikes} of {StrikesMax} strikes");
        }

        Assert.True(pings > 100, $"seed {seed}: {pings} pings");
    }
}
