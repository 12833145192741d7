using ActorLb.Engine.Failures;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Failures;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(20, 1000, 200)]
    [InlineData(20, 54, 10)]
    [InlineData(20, 55, 11)]
    [InlineData(20, 0, 10)]
    [InlineData(100, 1000, 1000)]
    [InlineData(1, 5000, 50)]
    [InlineData(0, 1000, 0)]
    public void A_second_has_its_part_of_the_requests_and_ten_in_any_case(int percent, int requests, int expected)
    {
        var budget = new RetryBudget(_time);
        Assert.Equal(percent > 0, budget.TryTake(1_000_000, percent));
        int granted = percent > 0 ? 1 : 0;
        for (int i = 0; i < 2000; i++)
        {
            // What was granted is sent, too, and is no request of a client.
            granted += budget.TryTake(1_000_000 + requests + granted, percent) ? 1 : 0;
        }

        Assert.Equal(expected, granted);
        Assert.Equal(expected, budget.Retries);
        Assert.Equal(2001 - expected, budget.Refused);
    }

    [Fact]
    public void Nothing_is_saved_up_for_later()
    {
        var budget = new RetryBudget(_time);
        Assert.True(budget.TryTake(0, 20));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryTake(1_000_000, 20)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryTake(2_000_000, 20)));
    }

    [Fact]
    public void Whatever_comes_retries_are_at_most_their_part_or_ten_in_each_second() =>
        Gen.Select(Gen.Int[1, 100], Gen.Select(Gen.Int[0, 400], Gen.Int[0, 300]).Array[1, 60]).Sample((percent, steps) =>
        {
            var state = RetryBudgetState.Nothing;
            var bySecond = new Dictionary<long, (long Before, long After, int Retries)>();
            long now = 0;
            long requests = 0;
            foreach ((int milliseconds, int more) in steps)
            {
                now += milliseconds;
                requests += more;
                (bool isGranted, state) = state.Take(now, requests, percent);
                (long before, _, int retries) = bySecond.GetValueOrDefault(state.Began, (state.RequestsBefore, requests, 0));
                bySecond[state.Began] = (before, requests, retries + (isGranted ? 1 : 0));
            }

            Assert.All(bySecond.Values, s => Assert.True(s.Retries <= Math.Max(RetryBudgetState.Floor, (s.After - s.Before) * percent / 100)));
        });

    [Fact]
    public void Requests_of_backends_that_have_gone_are_not_missed_for_longer_than_a_second()
    {
        var budget = new RetryBudget(_time);
        Assert.True(budget.TryTake(1_000_000, 20));
        Assert.Equal(9, Enumerable.Range(0, 100).Count(_ => budget.TryTake(500, 20)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(budget.TryTake(500, 20));
        Assert.Equal(32, Enumerable.Range(1, 100).Count(i => budget.TryTake(600 + i, 20)));
    }

    [Fact]
    public void Retries_that_are_granted_and_not_sent_yet_are_not_granted_again()
    {
        var budget = new RetryBudget(_time);
        Assert.Equal(10, Enumerable.Range(0, 1000).Count(_ => budget.TryTake(1_000_000, 20)));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_in_its_second_and_is_gone_with_it()
    {
        var budget = new RetryBudget(_time);
        Assert.Equal(10, Enumerable.Range(0, 11).Count(_ => budget.TryTake(0, 20)));
        budget.GiveBack();
        Assert.Equal(9, budget.Retries);
        Assert.True(budget.TryTake(0, 20));
        Assert.False(budget.TryTake(0, 20));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(budget.TryTake(0, 0));
        budget.GiveBack();
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryTake(0, 20)));
    }

    [Fact]
    public void It_is_known_since_when_none_is_left()
    {
        var budget = new RetryBudget(_time);
        Assert.Null(budget.SpentSince);
        DateTimeOffset since = _time.GetUtcNow();
        for (int i = 0; i < 6; i++)
        {
            budget.TryTake(0, 0);
            Assert.Equal(since, budget.SpentSince);
            _time.Advance(TimeSpan.FromMilliseconds(600));
        }

        _time.Advance(TimeSpan.FromMilliseconds(600));
        Assert.Null(budget.SpentSince);
        budget.TryTake(0, 0);
        Assert.Equal(_time.GetUtcNow(), budget.SpentSince);
    }
}
