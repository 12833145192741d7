using ActorLb.Node.Cluster.Discovery;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Cluster.Discovery;

public sealed class KnownAddressesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void A_new_address_takes_the_place_of_the_one_that_was_not_heard_for_longest_and_that_nobody_needs()
    {
        var known = new KnownAddresses([]);
        Assert.True(known.Learn(Enumerable.Range(0, KnownAddresses.Max).Select(Address), () => []));
        foreach (int i in Enumerable.Range(0, KnownAddresses.Max))
        {
            known.Heard(Address(i), Start + TimeSpan.FromSeconds(i));
        }

        Assert.True(known.Learn([Address(1000)], () => [Address(0), Address(1)]));
        Assert.Equal(KnownAddresses.Max, known.All.Count);
        Assert.Contains(Address(1000), known.All);
        Assert.DoesNotContain(Address(2), known.All);
        Assert.Contains(Address(0), known.All);
        Assert.False(known.Learn([Address(1000)], () => []));
    }

    [Fact]
    public void Where_all_are_needed_nothing_new_is_learned()
    {
        HostPort[] all = [.. Enumerable.Range(0, KnownAddresses.Max).Select(Address)];
        var known = new KnownAddresses(all);
        Assert.False(known.Learn([Address(1000)], () => all));
        Assert.Equal(all, known.All);
    }

    [Fact]
    public void Four_questions_wait_at_one_address_and_each_that_ends_makes_room()
    {
        var known = new KnownAddresses([]);
        Assert.Equal([true, true, true, true, false], Enumerable.Range(0, 5).Select(_ => known.TryAsk(Address(1))));
        Assert.True(known.TryAsk(Address(2)));
        known.Ended(Address(1), answered: false);
        Assert.False(known.Answers(Address(1)));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => known.TryAsk(Address(1))));
        known.Ended(Address(1), answered: true);
        Assert.True(known.Answers(Address(1)));
        known.FellSilent(Address(1));
        Assert.False(known.Answers(Address(1)));
    }

    [Fact]
    public void What_was_heard_since_a_question_makes_its_loss_meaningless()
    {
        var known = new KnownAddresses([Address(1)]);
        Assert.False(known.WasHeardSince(Address(1), Start));
        known.Heard(Address(1), Start);
        Assert.True(known.WasHeardSince(Address(1), Start));
        Assert.False(known.WasHeardSince(Address(1), Start + TimeSpan.FromTicks(1)));
        known.Heard(Address(2), Start);
        Assert.False(known.WasHeardSince(Address(2), Start));
    }

    private static HostPort Address(int number) => new($"10.0.{number / 256}.{number % 256}", 8110);
}
