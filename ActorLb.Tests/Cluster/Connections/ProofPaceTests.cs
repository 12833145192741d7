using System.Net;
using ActorLb.Node.Cluster.Connections;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cluster.Connections;

public sealed class ProofPaceTests
{
    private const int WaitingMax = 16;

    private static readonly IPAddress Guesser = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Other = IPAddress.Parse("10.0.0.2");

    private readonly FakeTimeProvider _time = new();
    private readonly ProofPace _pace;

    public ProofPaceTests() => _pace = new ProofPace(_time, WaitingMax);

    [Fact]
    public void Whoever_failed_no_more_often_than_a_node_does_waits_for_nothing()
    {
        Fail(Guesser, ProofPace.FailuresFree);
        Assert.Equal(TimeSpan.Zero, _pace.WaitOf(Guesser));
    }

    [Fact]
    public void Whoever_failed_more_often_has_one_proof_at_a_time_and_others_do_not_wait_for_it()
    {
        Fail(Guesser, ProofPace.FailuresFree + 1);
        Assert.Equal([TimeSpan.Zero, ProofPace.Step, 2 * ProofPace.Step], [_pace.WaitOf(Guesser), _pace.WaitOf(Guesser), _pace.WaitOf(Guesser)]);
        Assert.Equal(TimeSpan.Zero, _pace.WaitOf(Other));
        _time.Advance(10 * ProofPace.Step);
        Assert.Equal(TimeSpan.Zero, _pace.WaitOf(Guesser));
    }

    [Fact]
    public void The_wait_is_bounded_by_those_who_can_wait()
    {
        Fail(Guesser, ProofPace.FailuresFree + 1);
        Assert.Equal(WaitingMax * ProofPace.Step, Enumerable.Range(0, 10_000).Max(_ => _pace.WaitOf(Guesser)));
    }

    [Fact]
    public void A_minute_later_it_is_forgotten()
    {
        Fail(Guesser, ProofPace.FailuresFree + 1);
        _pace.WaitOf(Guesser);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([TimeSpan.Zero, TimeSpan.Zero], [_pace.WaitOf(Guesser), _pace.WaitOf(Guesser)]);
    }

    [Fact]
    public void Of_many_networks_those_that_failed_last_are_known()
    {
        Fail(Guesser, ProofPace.FailuresFree + 1);
        for (int i = 0; i < ProofPace.NetworksMax; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Fail(new IPAddress([11, 0, (byte)(i >> 8), (byte)i]), 1);
        }

        _pace.WaitOf(Guesser);
        Assert.Equal(TimeSpan.Zero, _pace.WaitOf(Guesser));
    }

    [Fact]
    public void One_host_has_a_whole_network_of_IPv6()
    {
        Fail(IPAddress.Parse("2001:db8::1"), ProofPace.FailuresFree + 1);
        _pace.WaitOf(IPAddress.Parse("2001:db8::2"));
        Assert.Equal(ProofPace.Step, _pace.WaitOf(IPAddress.Parse("2001:db8::ffff:1")));
    }

    private void Fail(IPAddress peer, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _pace.Failed(peer);
        }
    }
}
