using System.Collections.Immutable;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Lab;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>
/// Revisions that the cluster is given, by one node after the other, while clients go on. No request and no session may notice, and
/// all nodes run the same afterwards, also where one was killed in the middle.
/// </summary>
/// <param name="kills">Whether nodes are killed.</param>
internal sealed class ApplyFaults(IChaosTarget target, ClusterWatch watch, OperatorClient operators, bool kills)
{
    private const int GoodRevisions = 6;

    /// <summary>The round in which the node that was asked is killed, and that in which another one is.</summary>
    private const int AskedDies = 1;

    private const int OtherDies = 3;

    /// <summary>From the question until the kill at most, in seconds: about as long as nodes take to go over to a revision.</summary>
    private const double KillSecondsMax = 0.3;

    /// <summary>From one kill to the next, so that they hit different steps.</summary>
    private const double KillStep = 0.37;

    /// <summary>A certificate's file that is not there.</summary>
    private const int NoCertificate = 99;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>For each, what is wrong with it.</summary>
    private static readonly (string What, string Hocon)[] Mistakes =
    [
        ("a brace that nobody closes", "pools {"),
        ("a time without a unit", "limits.idle-timeout = 5"),
        ("a route to no pool", "routes = [ { pool = nobody } ]"),
        ("an address that no node has", "listeners.more.bind = \"192.0.2.1:1\""),
    ];

    public async Task GoodAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin($"of {GoodRevisions} revisions");
        int certificate = 0;
        for (int i = 0; i < GoodRevisions; i++)
        {
            NodePlace? dies = !kills ? null : i == AskedDies ? Node(plan, i) : i == OtherDies ? Node(plan, i + 1) : null;

            // Which of two certificates is shown is known only where nobody dies.
            string? serial = dies is null && target.Certificates is { } files ? await files.RenewAsync(certificate = 1 + (certificate % 2)) : null;
            await GiveAsync(new FileVariant(1 + (i % 4), 60 + i, i % 2 == 1, certificate), Node(plan, i), diary, dies, ((plan.Chance + (i * KillStep)) % 1) * KillSecondsMax, serial);
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / GoodRevisions));
        }

        await ReleaseAsync(plan, diary);
        diary.Heal();
    }

    public async Task BadAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin("of the cluster");
        var before = new FileVariant(3, 100);
        await GiveAsync(before, Node(plan, 0), diary);
        List<(string What, FileVariant Variant)> bad = [.. Mistakes.Select(m => (m.What, before with { Weight = 9, Mistake = m.Hocon }))];
        if (target.OnlyOneCanRun is { } hocon)
        {
            bad.Add(("what one node alone can run", before with { Weight = 9, Mistake = hocon }));
        }

        if (target.Certificates is not null)
        {
            bad.Add(("a certificate that is not there", before with { Weight = 9, Certificate = NoCertificate }));
        }

        // Beside what is in force: a static key is left out, and that is said.
        bad.Add(("a static key", before with { Mistake = "node.name = \"nobody\"" }));
        foreach ((int i, (string what, FileVariant variant)) in bad.Index())
        {
            string text = await target.RevisionAsync(variant);
            NodePlace asked = Node(plan, i);
            await RefuseAsync($"apply at {asked.Name} with {what}", diary, () => operators.ApplyAsync(asked, text));
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / bad.Count));
        }

        await RefuseAsync($"actorlb apply with {Mistakes[0].What}", diary, async () => await ApplyByCommandAsync(await target.RevisionAsync(bad[0].Variant), Node(plan, 0)));
        await ReleaseAsync(plan, diary);
        diary.Heal();
    }

    /// <param name="dies">Who is killed with -9 some seconds after the question, and started again; null: nobody.</param>
    /// <param name="serial">Of the certificate that is shown from then on, where it is another one.</param>
    private Task<Change> GiveAsync(FileVariant variant, NodePlace asked, FaultDiary diary, NodePlace? dies = null, double afterSeconds = 0, string? serial = null) =>
        diary.ChangeAsync($"apply at {asked.Name} with {variant}", async () =>
        {
            ImmutableArray<NodeStanding> before = await watch.StandingsAsync();
            Task<Change> asking = operators.ApplyAsync(asked, await target.RevisionAsync(variant));
            if (dies is not null)
            {
                await Task.Delay(TimeSpan.FromSeconds(afterSeconds));
                diary.Away(dies);
                await target.KillAsync([dies]);
                await asking;
                await target.StartAsync([dies]);
                await watch.WhenAsync(() => watch.IsReadyAsync(target.Nodes.Single(n => n.Name == dies.Name)), Patience);
                diary.Back(dies);
                await watch.WhenAsync(async () => watch.IsOneCluster() && await watch.RunTheSameAsync(), Patience);
            }

            return await asking with { Before = before, After = await watch.StandingsAsync(), Killed = dies?.Name, Certificate = serial };
        });

    private Task<Change> ReleaseAsync(FaultPlan plan, FaultDiary diary) => diary.ChangeAsync("apply --release", async () =>
    {
        ImmutableArray<NodeStanding> before = await watch.StandingsAsync();
        Change change = await operators.ApplyAsync(Node(plan, 0), text: null);
        return change with { Before = before, After = await watch.StandingsAsync(), Certificate = target.Certificates?.SerialOf(0) };
    });

    private Task<Change> RefuseAsync(string what, FaultDiary diary, Func<Task<Change>> ask) => diary.ChangeAsync(what, async () =>
    {
        ImmutableArray<NodeStanding> before = await watch.StandingsAsync();
        Change change = await ask();
        return change with { IsBad = true, Before = before, After = await watch.StandingsAsync() };
    });

    private async Task<Change> ApplyByCommandAsync(string text, NodePlace node)
    {
        string file = Path.Combine(Path.GetTempPath(), $"actorlb-chaos-{Environment.ProcessId}.conf");
        await File.WriteAllTextAsync(file, text);
        (int code, _, string complaints) = await ChildProcess.EndAsync(
            NodeProgram.Path, "apply", "-c", file, "--admin", node.Admin.GetLeftPart(UriPartial.Authority), "--token", target.Token);
        File.Delete(file);
        return new Change { Outcome = $"exit code {code}", IsDone = code == 0, Mistakes = [.. complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries)] };
    }

    private NodePlace Node(FaultPlan plan, int turn) => target.Nodes[(plan.Order[0] + turn) % target.Nodes.Count];
}
