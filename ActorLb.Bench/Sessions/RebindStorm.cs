using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// A backend with a third of all sessions dies, and then a node dies, too. What counts is the time that the first
/// request of a moved session takes longer than requests of sessions that stay, and that nodes which are asked at the
/// same moment name one home.
/// </summary>
internal static class RebindStorm
{
    private const string Victim = "three";

    public static async Task<int> RunAsync(CommandOptions options)
    {
        int bindings = options.Whole("--bindings", 900000);
        double rate = options.Number("--rate", 150);
        int pairs = options.Whole("--pairs", 2000);
        var figures = new Figures();
        await using SessionCluster cluster = await SessionCluster.StartAsync();
        var all = new SessionRange(0, bindings);
        await cluster.GrowAsync(all, 20_000);

        // Each part has sessions of its own: the first request after the death is the one that counts.
        int[] doomed = [.. Enumerable.Range(0, bindings).Where(n => SessionNumbers.Backend(n) == Victim && SessionNumbers.Moved(n) != n)];
        int[] living = [.. Enumerable.Range(0, bindings).Where(n => SessionNumbers.Backend(n) == "one" && SessionNumbers.Moved(n) != n)];
        string[] doomedTickets = await TicketsAsync(cluster, doomed[..(3 * pairs)]);
        string[] livingTickets = await TicketsAsync(cluster, living[..(4 * pairs)]);

        using var clients = new PairedClients(cluster.Nodes[1], cluster.Nodes[2]);
        await clients.RunAsync(livingTickets[..pairs], rate);
        long[] memory = [.. cluster.Nodes.Select(n => n.ResidentBytes())];

        await cluster.KillBackendAsync(Victim);
        PairedAnswers stay = clients.Start(livingTickets[pairs..(2 * pairs)], rate);
        PairedAnswers moved = await clients.RunAsync(doomedTickets[..pairs], rate);
        await stay.Done;
        figures.Add("sessions that stay meanwhile, time of a request, p50 / p99", "–", $"{stay.Times()}");
        figures.Add("a dead backend's sessions while owners are healthy: the same", "–", $"{moved.Times()}");
        figures.Add("time added to the first request, p99 over p99", "≤ 10 ms", $"{moved.Quantile(0.99) - stay.Quantile(0.99):f1} ms ({moved.Failed} failed, {moved.Apart} of {pairs} with two homes)");

        PairedAnswers storm = await clients.RunAsync(doomedTickets[pairs..(2 * pairs)], double.PositiveInfinity);
        figures.Add("the same as fast as they come, from 128 clients", "–", $"{storm.Times()}, {storm.PerSecond:f0} sessions/s ({storm.Failed} failed, {storm.Apart} with two homes)");
        figures.Add("growth of resident memory meanwhile", "bounded", $"{string.Join(", ", cluster.Nodes.Select((n, i) => ((n.ResidentBytes() - memory[i]) / 1e6).ToString("f0", CultureInfo.InvariantCulture)))} MB");

        // The oldest node has the shard coordinator and a third of the owners.
        long killed = Stopwatch.GetTimestamp();
        await cluster.KillAsync(cluster.Nodes[0]);
        Task<string>[] owners = [.. cluster.Nodes.Select(n => n.AskAsync("owners"))];
        stay = clients.Start(livingTickets[(2 * pairs)..(3 * pairs)], rate);
        moved = await clients.RunAsync(doomedTickets[(2 * pairs)..], rate);
        await stay.Done;
        long back = (await Task.WhenAll(owners)).Max(o => o.Split(' ').Max(long.Parse));
        figures.Add("sessions that stay while a node is dead, too, time of a request, p50 / p99", "–", $"{stay.Times()}, {stay.Failed} failed");
        figures.Add("a dead backend's sessions meanwhile: the same", "≤ 260 ms", $"{moved.Times()} / most {moved.Quantile(1):f0} ms ({moved.Failed} failed, {moved.Apart} of {pairs} with two homes)");
        figures.Add("ask gap after kill -9 of the coordinator's node: every shard has an owner again", "≤ 9 s", $"{Stopwatch.GetElapsedTime(killed, back).TotalSeconds:f2} s");

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{bindings} sessions, {doomed.Length} of them on the dead backend, each asked for at two nodes at once, {rate:f0} sessions/s, {Environment.ProcessorCount} cores, {DateTime.UtcNow:yyyy-MM-dd}"));
        Console.WriteLine();
        Console.Write(figures);
        return 0;
    }

    private static async Task<string[]> TicketsAsync(SessionCluster cluster, int[] numbers)
    {
        string file = cluster.PathOf("tickets");
        await File.WriteAllLinesAsync(file, numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)));
        await cluster.Nodes[0].AskAsync("tickets " + file);
        return await File.ReadAllLinesAsync(file);
    }
}
