using ActorLb.Engine.Clients;
using ActorLb.Engine.Kestrel;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class QuarantineTests
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Quarantine _quarantine;

    public QuarantineTests() => _quarantine = new Quarantine(_time);

    [Fact]
    public void Who_comes_in_stays_for_a_while()
    {
        Assert.False(_quarantine.Has(Client(1)));
        Assert.Equal(2, _quarantine.Enter([Client(1), Client(2)]));
        Assert.True(_quarantine.Has(Client(1)));
        Assert.False(_quarantine.Has(Client(3)));

        _time.Advance(Quarantine.Shortest - Instant);
        Assert.True(_quarantine.Has(Client(1)));
        _time.Advance(Instant);
        Assert.False(_quarantine.Has(Client(1)));
    }

    [Fact]
    public void Who_comes_again_stays_twice_as_long_up_to_a_bound()
    {
        TimeSpan length = Quarantine.Shortest;
        _quarantine.Enter([Client(1)]);
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(length - Instant);
            Assert.True(_quarantine.Has(Client(1)));
            _time.Advance(Instant);
            Assert.False(_quarantine.Has(Client(1)));

            // Out, but not forgotten.
            _time.Advance(length - Instant);
            _quarantine.Look();
            Assert.Equal(1, _quarantine.Enter([Client(1)]));
            length = 2 * length < Quarantine.Longest ? 2 * length : Quarantine.Longest;
        }

        Assert.Equal(Quarantine.Longest, length);
    }

    [Fact]
    public void Who_does_so_inside_stays_on_and_is_not_new()
    {
        _quarantine.Enter([Client(1)]);
        _time.Advance(Quarantine.SameReason);

        Assert.Equal(0, _quarantine.Enter([Client(1)]));
        _time.Advance((2 * Quarantine.Shortest) - Instant);
        Assert.True(_quarantine.Has(Client(1)));
    }

    [Fact]
    public void What_ends_together_is_one_reason()
    {
        for (int i = 0; i < 10; i++)
        {
            _quarantine.Enter([Client(1)]);
        }

        _time.Advance(Quarantine.Shortest);
        Assert.False(_quarantine.Has(Client(1)));
    }

    [Fact]
    public void Who_was_good_for_as_long_again_is_forgotten()
    {
        _quarantine.Enter([Client(1)]);
        _time.Advance(2 * Quarantine.Shortest);
        _quarantine.Look();
        _quarantine.Enter([Client(1)]);
        _time.Advance(Quarantine.Shortest);

        Assert.False(_quarantine.Has(Client(1)));
    }

    [Fact]
    public void Of_too_many_those_go_whose_time_is_over_first()
    {
        _quarantine.Enter([Client(0)]);
        _time.Advance(Instant);
        for (int i = 1; i < Quarantine.ClientsMax; i++)
        {
            _quarantine.Enter([Client(i)]);
        }

        Assert.True(_quarantine.Has(Client(0)));
        _quarantine.Enter([Client(Quarantine.ClientsMax)]);

        Assert.False(_quarantine.Has(Client(0)));
        Assert.True(_quarantine.Has(Client(1)));
        Assert.True(_quarantine.Has(Client(Quarantine.ClientsMax)));
    }

    private static ClientKey Client(int number) => new(true, (ulong)number);
}
