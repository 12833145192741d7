using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Admin;
using Xunit;

namespace ActorLb.Tests.Forwarding;

public sealed class ClientRatesTests
{
    private static readonly LimitSettings Limits = AdminFixture.Settings("node", new System.Net.IPEndPoint(0, 0), null).Topology.Limits with
    {
        BodyRateMin = 100,
        ReadRateMin = 1000,
    };

    private ClientRates _rates;
    private long _now;
    private long _received;
    private long _taken;

    [Fact]
    public void A_body_at_its_least_rate_goes_on_and_a_byte_less_ends_it()
    {
        Assert.Equal(FailureReason.None, Send(seconds: 600, bytesPerSecond: 100));
        Assert.Equal(FailureReason.BodyTooSlow, Send(seconds: 60, bytesPerSecond: 99));
    }

    [Fact]
    public void A_fast_start_buys_no_time()
    {
        Assert.Equal(FailureReason.None, Send(seconds: 60, bytesPerSecond: 1_000_000));

        Assert.Equal(FailureReason.BodyTooSlow, Send(seconds: 60, bytesPerSecond: 1));
    }

    [Fact]
    public void Time_in_which_the_backend_does_not_take_the_body_does_not_count()
    {
        Assert.Equal(FailureReason.None, Send(seconds: 3600, bytesPerSecond: 0, awaitsBody: false));
        Assert.Equal(FailureReason.None, Send(seconds: 59, bytesPerSecond: 0));
        Assert.Equal(FailureReason.None, Send(seconds: 3600, bytesPerSecond: 0, awaitsBody: false));
        Assert.Equal(FailureReason.BodyTooSlow, Send(seconds: 3, bytesPerSecond: 0));
    }

    [Fact]
    public void A_reader_at_its_least_rate_goes_on_and_a_byte_less_ends_it()
    {
        Assert.Equal(FailureReason.None, Take(seconds: 600, bytesPerSecond: 1000));
        Assert.Equal(FailureReason.ReaderTooSlow, Take(seconds: 60, bytesPerSecond: 999));
    }

    [Fact]
    public void A_reader_for_whom_nothing_waits_may_rest()
    {
        Assert.Equal(FailureReason.None, Take(seconds: 3600, bytesPerSecond: 0, awaitsReader: false));
    }

    [Fact]
    public void Another_attempt_begins_anew()
    {
        Assert.Equal(FailureReason.None, Send(seconds: 59, bytesPerSecond: 0));
        Assert.Equal(FailureReason.None, Send(seconds: 59, bytesPerSecond: 0, attempt: 2));
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        LimitSettings none = Limits with { BodyRateMin = 0, ReadRateMin = 0 };
        for (int second = 0; second < 3600; second++)
        {
            Assert.Equal(FailureReason.None, _rates.Look(none, 1, true, 0, true, 0, second * 1000));
        }
    }

    private FailureReason Send(int seconds, long bytesPerSecond, bool awaitsBody = true, int attempt = 1) =>
        Look(seconds, () => _received += bytesPerSecond, awaitsBody, awaitsReader: false, attempt);

    private FailureReason Take(int seconds, long bytesPerSecond, bool awaitsReader = true) =>
        Look(seconds, () => _taken += bytesPerSecond, awaitsBody: false, awaitsReader, attempt: 1);

    private FailureReason Look(int seconds, Action move, bool awaitsBody, bool awaitsReader, int attempt)
    {
        var worst = FailureReason.None;
        for (int second = 0; second <= seconds; second++)
        {
            FailureReason slow = _rates.Look(Limits, attempt, awaitsBody, _received, awaitsReader, _taken, _now);
            worst = slow == FailureReason.None ? worst : slow;
            if (second < seconds)
            {
                move();
                _now += 1000;
            }
        }

        return worst;
    }
}
