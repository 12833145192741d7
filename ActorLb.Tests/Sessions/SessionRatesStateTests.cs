using System.Collections.Immutable;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Sessions;

public sealed class SessionRatesStateTests
{
    private static readonly BackendName A = new("web", "a");
    private static readonly BackendName B = new("web", "b");

    [Fact]
    public void What_was_counted_in_the_last_minute_is_told_and_nothing_before() =>
        Gen.Int[0, 5].Array[13, 60].Sample(events =>
        {
            SessionRatesState state = SessionRatesState.Empty;
            long total = 0;
            for (int i = 0; i < events.Length; i++)
            {
                state = state.Sampled(i * 5_000, [Of(A, total)]);
                total += events[i];
            }

            (TimeSpan window, var counts) = state.Since(events.Length * 5_000, [Of(A, total)]);
            Assert.InRange(window.TotalSeconds, 60, 65);
            Assert.Equal(events[^(int)(window.TotalSeconds / 5)..].Sum(), counts[A][0]);
        });

    [Fact]
    public void A_node_that_has_just_started_says_for_how_long_it_has_counted_and_one_that_is_new_or_came_back_counts_from_nothing()
    {
        SessionRatesState state = SessionRatesState.Empty.Sampled(0, []).Sampled(5_000, [Of(A, 7)]);
        (TimeSpan window, var counts) = state.Since(9_000, [Of(A, 8), Of(B, 2)]);
        Assert.Equal((9, 8, 2), (window.TotalSeconds, counts[A][0], counts[B][0]));

        state = SessionRatesState.Empty.Sampled(0, [Of(A, 100)]);
        Assert.Equal(3, state.Since(9_000, [Of(A, 3)]).Counts[A][0]);
        Assert.Equal(TimeSpan.Zero, SessionRatesState.Empty.Since(9_000, []).Window);
    }

    private static KeyValuePair<BackendName, ImmutableArray<long>> Of(BackendName backend, long count) => KeyValuePair.Create(backend, ImmutableArray.Create(count));
}
