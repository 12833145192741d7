using System.Collections.Immutable;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Faults;

/// <summary>Files of all nodes that change and are read again, and certificates that are followed, while clients go on. No request and no session may notice.</summary>
internal sealed class ReloadFaults(IChaosTarget target, ClusterWatch watch)
{
    private const int GoodChanges = 8;
    private const int BadChanges = 4;

    /// <summary>The rounds with another path for the certificate, and that before which the file in force gets another one.</summary>
    private const int OtherPath = 2;

    private const int OtherPathAgain = 6;
    private const int SamePath = 4;

    /// <summary>The round in which one node has the new file before the others, until all of them say so.</summary>
    private const int Drifts = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Each beside a change that would be good.</summary>
    private static readonly string[] Mistakes =
    [
        "limits.idle-timeout = 5", "routes = [ { pool = nobody } ]", "pools {", "listeners.more.bind = \"192.0.2.1:1\"",
    ];

    public async Task GoodAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin($"of all nodes, {GoodChanges} times");
        int certificate = 0;
        for (int i = 0; i < GoodChanges; i++)
        {
            if (i == SamePath)
            {
                await RenewAsync(certificate, diary);
            }

            string? serial = i is OtherPath or OtherPathAgain && target.Certificates is { } files ? await files.RenewAsync(certificate = 1 + (certificate % 2)) : null;
            NodePlace? first = i == Drifts ? target.Nodes[plan.Order[0] % target.Nodes.Count] : null;
            await ReloadAsync(new FileVariant(1 + (i % 4), 60 + i, i % 2 == 1, certificate), "changed", diary, serial, first);
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / GoodChanges));
        }

        await ReloadAsync(new FileVariant(), "changed", diary, target.Certificates?.SerialOf(0));
        diary.Heal();
    }

    public async Task BadAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin($"of all nodes, {BadChanges} times");
        for (int i = 0; i < BadChanges; i++)
        {
            await ReloadAsync(new FileVariant(9, 60 + i, true, Mistake: Mistakes[i % Mistakes.Length]), "refused", diary);
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / BadChanges));
        }

        await ReloadAsync(new FileVariant(), "unchanged", diary);
        diary.Heal();
    }

    // Nobody is told: nodes look at the file by themselves.
    private async Task RenewAsync(int certificate, FaultDiary diary)
    {
        if (target.Certificates is { } files)
        {
            await diary.ChangeAsync("another certificate in its file", async () =>
            {
                string serial = await files.RenewAsync(certificate);
                bool isShown = await watch.WhenAsync(
                    async () => (await Task.WhenAll(target.Nodes.Select(n => ShownCertificate.SerialAtAsync(n, files)))).All(s => s == serial), Patience) is not null;
                return new Change { Outcome = isShown ? "shown" : $"not shown after {Patience.TotalSeconds} s", IsDone = isShown, Certificate = serial };
            });
        }
    }

    /// <param name="expected">changed, unchanged or refused.</param>
    /// <param name="first">A node that has the new file before the others.</param>
    private Task<Change> ReloadAsync(FileVariant variant, string expected, FaultDiary diary, string? serial = null, NodePlace? first = null) => diary.ChangeAsync(
        $"reload of all nodes with {variant}",
        async () =>
        {
            ImmutableArray<NodeStanding> before = await watch.StandingsAsync();
            var reloads = new List<StatusDocument.Files?>();
            if (first is not null)
            {
                reloads.Add(await ReloadAsync(first, variant));
                await watch.WhenAsync(() => Task.FromResult(watch.AllSay(first, differs: true)), Patience);
            }

            reloads.AddRange(await Task.WhenAll(target.Nodes.Where(n => n != first).Select(n => ReloadAsync(n, variant))));
            string[] outcomes = [.. reloads.Select(r => r?.Outcome ?? "not answered").Distinct()];
            return new Change
            {
                IsBad = expected == "refused",
                Outcome = string.Join(", ", outcomes),
                IsDone = expected == "refused" ? outcomes is not ["refused"] : outcomes is [var one] && one == expected,
                Mistakes = [.. reloads.SelectMany(r => r?.Mistakes ?? []).Distinct()],
                Before = before,
                After = await watch.StandingsAsync(),
                Certificate = serial,
            };
        });

    /// <returns>How the node stands to its files afterwards; null where it did not say in time.</returns>
    private async Task<StatusDocument.Files?> ReloadAsync(NodePlace node, FileVariant variant)
    {
        StatusDocument.Files? before = await watch.FilesAsync(node);
        await target.ReloadAsync(node, variant);
        StatusDocument.Files? after = null;
        double? at = await watch.WhenAsync(async () => (after = await watch.FilesAsync(node)) is { At: { } done } && done != before?.At, Patience);
        return at is null ? null : after;
    }
}
