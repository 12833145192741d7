using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class RendezvousTests
{
    private static readonly Gen<Rendezvous.Candidate[]> GenCandidates =
        Gen.Select(Gen.ULong[1, ulong.MaxValue], Gen.Int[1, 256], (key, weight) => new Rendezvous.Candidate(new BackendKey(key), weight))
            .Array[1, 20].Select(c => c.DistinctBy(x => x.Key).ToArray());

    [Fact]
    public void The_choice_does_not_depend_on_the_order_of_the_list() =>
        Gen.Select(GenSession, GenCandidates, Gen.Int).Sample((id, candidates, seed) =>
        {
            Rendezvous.Candidate[] shuffled = [.. candidates];
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(candidates[Rendezvous.Choose(id, candidates)], shuffled[Rendezvous.Choose(id, shuffled)]);
        });

    [Fact]
    public void A_candidate_that_leaves_moves_only_its_own_sessions() =>
        Gen.Select(GenSession, GenCandidates.Where(c => c.Length > 1), Gen.Int[0, 19]).Sample((id, candidates, at) =>
        {
            Rendezvous.Candidate before = candidates[Rendezvous.Choose(id, candidates)];
            Rendezvous.Candidate leaver = candidates[at % candidates.Length];
            Rendezvous.Candidate[] rest = [.. candidates.Where(c => c != leaver)];
            Rendezvous.Candidate after = rest[Rendezvous.Choose(id, rest)];
            Assert.Equal(before != leaver, before == after);
        });

    [Fact]
    public void Nobody_is_chosen_from_nobody() => Assert.Equal(-1, Rendezvous.Choose(new SessionId(1, 2), []));

    [Fact]
    public void A_weight_below_one_counts_as_one() =>
        GenSession.Sample(id => Assert.Equal(
            Rendezvous.Choose(id, [new(X, 1), new(Y, 1)]), Rendezvous.Choose(id, [new(X, 0), new(Y, -5)])));

    [Fact]
    public void Sessions_spread_by_weight()
    {
        var random = new Random(20260701);
        Rendezvous.Candidate[] candidates = [new(X, 1), new(Y, 2), new(Z, 5)];
        var counts = new int[3];
        const int Sessions = 80_000;
        for (int i = 0; i < Sessions; i++)
        {
            counts[Rendezvous.Choose(new SessionId((ulong)random.NextInt64(), (ulong)random.NextInt64()), candidates)]++;
        }

        // Five standard deviations of a binomial count.
        double[] expected = [Sessions / 8.0, Sessions / 4.0, Sessions * 5 / 8.0];
        for (int i = 0; i < 3; i++)
        {
            Assert.InRange(counts[i], expected[i] - (5 * Math.Sqrt(expected[i])), expected[i] + (5 * Math.Sqrt(expected[i])));
        }
    }

    [Fact]
    public void Of_two_backends_one_ranks_before_the_other() =>
        Gen.Select(GenSession, Gen.ULong[1, ulong.MaxValue], Gen.ULong[1, ulong.MaxValue]).Where((_, a, b) => a != b).Sample((id, a, b) =>
            Assert.NotEqual(
                Rendezvous.Ranks(id, new BackendKey(a), new BackendKey(b)),
                Rendezvous.Ranks(id, new BackendKey(b), new BackendKey(a))));
}
