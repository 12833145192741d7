using ActorLb.Engine.Rates;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Rates;

/// <summary>What a rate limit lets through, by a clock of the test's.</summary>
public sealed class RateTableTests
{
    [Fact]
    public void What_was_used_comes_back_one_by_one()
    {
        var table = new RateTable(10, TimeSpan.FromSeconds(1), 5, RateTable.PlacesMax);
        Assert.Equal(5, Passed(table, 1, 20, At(0)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), table.Take(1, At(0)));
        Assert.Equal(0, Passed(table, 1, 20, At(0.099)));
        Assert.Equal(1, Passed(table, 1, 20, At(0.1)));
        Assert.Equal(2, Passed(table, 1, 20, At(0.3)));
        Assert.Equal(5, Passed(table, 1, 20, At(60)));
    }

    [Fact]
    public void In_no_span_of_time_more_passes_than_the_burst_and_the_rate_allow() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 20], Gen.Int[0, 400].Array[1, 300]).Sample((requests, burst, pauses) =>
        {
            var table = new RateTable(requests, TimeSpan.FromSeconds(1), burst, RateTable.PlacesMax);
            var passed = new List<double>();
            double now = 0;
            foreach (int pause in pauses)
            {
                now += pause / 4000.0;
                if (table.Take(7, At(now)) == TimeSpan.Zero)
                {
                    passed.Add(now);
                }
            }

            for (int i = 0; i < passed.Count; i++)
            {
                for (int j = i; j < passed.Count; j++)
                {
                    // A tick for what is rounded.
                    Assert.True(j - i + 1 <= burst + ((passed[j] - passed[i] + 1e-4) * requests) + 1e-3, $"{j - i + 1} within {passed[j] - passed[i]} s");
                }
            }
        });

    [Fact]
    public void Many_keys_take_no_more_room_and_one_that_comes_most_is_not_displaced()
    {
        var table = new RateTable(1, TimeSpan.FromHours(1), 100, RateTable.PlacesMax);
        Assert.Equal(100, Passed(table, 5, 200, At(0)));
        for (ulong key = 1000; key < 1_000_000; key++)
        {
            table.Take(key * 0x9E3779B97F4A7C15, At(1));
        }

        Assert.Equal(0, Passed(table, 5, 10, At(2)));
    }

    [Fact]
    public void Threads_that_take_at_the_same_time_get_no_more_together()
    {
        var table = new RateTable(1, TimeSpan.FromHours(1), 1000, RateTable.PlacesMax);
        int passed = 0;
        Parallel.For(0, 4, _ => Interlocked.Add(ref passed, Passed(table, 9, 1000, At(0))));
        Assert.Equal(1000, passed);
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_no_more()
    {
        var table = new RateTable(1, TimeSpan.FromHours(1), 2, 8);
        Assert.Equal(2, Passed(table, 1, 5, At(0)));
        table.GiveBack(1);
        table.GiveBack(2);
        Assert.Equal(1, Passed(table, 1, 5, At(0)));
        Assert.Equal(2, Passed(table, 2, 5, At(0)));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static int Passed(RateTable table, ulong key, int tries, TimeSpan now) =>
        Enumerable.Range(0, tries).Count(_ => table.Take(key, now) == TimeSpan.Zero);
}
