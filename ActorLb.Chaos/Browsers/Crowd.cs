using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>All clients of a run. Browsers come and go one by one, so that there are always young sessions and old ones.</summary>
/// <param name="learns">Whether pools that learn the application's own cookie have people.</param>
internal sealed class Crowd(HistoryRecorder recorder, IChaosTarget target, bool learns, int browsers, int tabs, double thinkSeconds, int seed)
{
    private const int Crawlers = 2;

    /// <summary>For so many people of the first pool, one of each other one.</summary>
    private const int OneBesideOf = 3;

    private const int PlacesMax = 1000;

    /// <summary>How long a person stays: most sessions live through a fault or two, some through many.</summary>
    private const double StaySecondsMean = 180;

    private int _born;

    public Task RunAsync(CancellationToken ends) => Task.WhenAll(
    [
        .. target.Pools.Where(p => learns || p.Carrier != SessionCarrier.Application).SelectMany((pool, i) => Enumerable.Range(0, i == 0 ? browsers : Math.Max(1, browsers / OneBesideOf))
            .Select(place => OneAfterTheOtherAsync(pool, (i * PlacesMax) + place, ends))),
        .. Enumerable.Range(0, Crawlers).Select(i => new Crawler(recorder, target, i).RunAsync(ends)),
        new Forger(recorder, target, seed).RunAsync(ends),
        .. target.Certificates is null ? Array.Empty<Task>() : [new Handshaker(recorder, target).RunAsync(ends)],
    ]);

    private async Task OneAfterTheOtherAsync(PoolPlace pool, int place, CancellationToken ends)
    {
        var random = Seeds.Random(seed, -1 - place);
        while (!ends.IsCancellationRequested)
        {
            using var stay = CancellationTokenSource.CreateLinkedTokenSource(ends);
            stay.CancelAfter(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) * StaySecondsMean));
            int number = Interlocked.Increment(ref _born);
            await new VirtualBrowser(recorder, target, JarOf(pool, number), number, tabs, thinkSeconds, seed).RunAsync(stay.Token);
        }
    }

    private SessionJar JarOf(PoolPlace pool, int number) => pool.Carrier switch
    {
        SessionCarrier.Cookie => new TicketCookieJar(() => recorder.Now),
        SessionCarrier.Header => new TicketHeaderJar(pool.Name, pool.Field!),
        SessionCarrier.Application => new ApplicationCookieJar(pool.Name, pool.Field!, $"{pool.Name}-{number}"),
        _ => throw new ArgumentOutOfRangeException(nameof(pool), pool.Carrier, "nobody knows how"),
    };
}
