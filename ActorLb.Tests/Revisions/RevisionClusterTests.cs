using System.Globalization;
using ActorLb.Node.Revisions;
using ActorLb.Node.Topologies;
using ActorLb.Tests.Cluster;
using Xunit;

namespace ActorLb.Tests.Revisions;

/// <summary>Three control planes in one process, over TCP.</summary>
public sealed class RevisionClusterTests
{
    [Fact]
    public async Task What_is_applied_at_one_node_is_in_force_on_all_and_taken_back_by_its_number()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            RevisionOutcome first = await nodes[0].ApplyAsync(Text(61));
            Assert.Equal((RevisionVerdict.InForce, 1), (first.Verdict, first.Revision!.Value.Number));
            Assert.Equal("limits.idle-timeout: 130s -> 61s", Assert.Single(first.Changes).ToString());
            Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(61), n.Target.InForce.Limits.IdleTimeout));
            Assert.All(nodes, n => Assert.Null(n.Prepared));

            // Comments and blanks make no other topology.
            Assert.Equal(RevisionVerdict.Unchanged, (await nodes[1].ApplyAsync("# hello\n" + Text(61))).Verdict);

            Assert.Equal(RevisionVerdict.Possible, (await nodes[1].ApplyAsync(Text(62), isTrial: true)).Verdict);
            Assert.Equal(1, nodes[2].Head!.Value.Number);
            Assert.Equal(2, (await nodes[1].ApplyAsync(Text(62))).Revision!.Value.Number);

            Revision old = nodes[2].Revisions.Status.History.Find("1")!;
            RevisionOutcome back = await nodes[2].ReturnToAsync(old);
            Assert.Equal((RevisionVerdict.InForce, 3), (back.Verdict, back.Revision!.Value.Number));
            Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(61), n.Target.InForce.Limits.IdleTimeout));
            Assert.Equal("rollback to 1", nodes[0].Revisions.Status.History.Head!.Note);

            RevisionOutcome release = await nodes[0].ReturnToAsync(null);
            Assert.Equal((RevisionVerdict.InForce, 4), (release.Verdict, release.Revision!.Value.Number));
            Assert.All(nodes, n => Assert.Null(n.State.Revision));
            Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(130), n.Target.InForce.Limits.IdleTimeout));
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task What_one_node_cannot_run_changes_nothing_anywhere_and_each_resolves_its_own_environment()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            const string Port = "listeners.http.bind = \"127.0.0.1:\"${MY_PORT}\n" + Configuration.Reading.OnePool;
            nodes[0].Variables["MY_PORT"] = "18001";
            nodes[1].Variables["MY_PORT"] = "18002";
            RevisionOutcome missing = await nodes[0].ApplyAsync("actorlb {\n" + Port + "\n}");
            Assert.Equal(RevisionVerdict.Impossible, missing.Verdict);
            Assert.Equal("lb3", Assert.Single(missing.Mistakes).Node);
            Assert.Contains("MY_PORT", missing.Mistakes[0].Text, StringComparison.Ordinal);

            // The other node read another text, and the operator reads his own.
            Assert.Equal("given", missing.Mistakes[0].File);
            Assert.StartsWith("given:2:", missing.Mistakes[0].Text, StringComparison.Ordinal);

            nodes[2].Variables["MY_PORT"] = "18003";
            nodes[2].Target.PrepareFails = new IOException("cannot listen on 127.0.0.1:18003 (listeners.http.bind)");
            RevisionOutcome taken = await nodes[0].ApplyAsync("actorlb {\n" + Port + "\n}");
            Assert.Equal((RevisionVerdict.Impossible, "lb3"), (taken.Verdict, Assert.Single(taken.Mistakes).Node));
            Assert.Contains("bind = ${NAME}", Assert.Single(taken.Warnings), StringComparison.Ordinal);
            Assert.All(nodes, n => Assert.Null(n.Head));
            Assert.All(nodes, n => Assert.Null(n.Prepared));

            nodes[2].Target.PrepareFails = null;
            Assert.Equal(RevisionVerdict.InForce, (await nodes[0].ApplyAsync("actorlb {\n" + Port + "\n}")).Verdict);
            Assert.Equal([18001, 18002, 18003], nodes.Select(n => n.Target.InForce.Listeners[0].Bind.Port));
            Assert.Single(nodes.Select(n => n.State.Fingerprint).Distinct());
            Assert.Contains("${MY_PORT}", nodes[1].Revisions.Export(), StringComparison.Ordinal);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task Applies_at_all_nodes_at_once_come_one_after_the_other()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            RevisionOutcome[] outcomes = await Task.WhenAll(nodes.SelectMany((n, i) => new[] { n.ApplyAsync(Text(100 + i)), n.ApplyAsync(Text(200 + i)) }));
            Assert.All(outcomes, o => Assert.Equal(RevisionVerdict.InForce, o.Verdict));
            await AllAgreeAsync(nodes);
            long[] numbers = [.. outcomes.Where(o => o.Revision is not null).Select(o => o.Revision!.Value.Number)];
            Assert.Equal(numbers.Length, numbers.Distinct().Count());
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task Of_fifty_applies_at_once_each_is_in_force_when_it_says_so_or_never()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            RevisionOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => nodes[i % 3].ApplyAsync(Text(1000 + i))));
            Assert.All(outcomes, o => Assert.True(o.Verdict is RevisionVerdict.InForce or RevisionVerdict.Busy, o.Verdict.ToString()));
            Assert.Contains(outcomes, o => o.Verdict == RevisionVerdict.InForce);
            await AllAgreeAsync(nodes);
            long[] numbers = [.. outcomes.Where(o => o.Revision is not null).Select(o => o.Revision!.Value.Number).Order()];
            Assert.Equal(Enumerable.Range(1, numbers.Length).Select(n => (long)n), numbers);

            // What was refused has not begun, and the next one finds nobody before it.
            await nodes[1].WhenAppliedAsync(Text(61));
            Assert.Equal(numbers.Length + 1, nodes[1].Head!.Value.Number);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_change_that_waits_goes_with_its_caller()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            nodes[1].Capability.Seam = at =>
            {
                reached.TrySetResult();
                return at == RevisionStep.Asking ? goesOn.Task : Task.CompletedTask;
            };
            Task<RevisionOutcome> first = nodes[1].ApplyAsync(Text(61));
            await reached.Task;
            using var here = new CancellationTokenSource();
            using var there = new CancellationTokenSource();
            Task<RevisionOutcome> sameNode = nodes[1].ApplyAsync(Text(62), caller: here.Token);
            Task<RevisionOutcome> otherNode = nodes[2].ApplyAsync(Text(63), caller: there.Token);
            here.Cancel();
            there.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sameNode);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => otherNode);
            goesOn.SetResult();
            Assert.Equal(RevisionVerdict.InForce, (await first).Verdict);
            Assert.Equal((RevisionVerdict.InForce, 2), ((await nodes[2].ApplyAsync(Text(64))) is var next ? next.Verdict : default, nodes[2].Head!.Value.Number));
            await AllAgreeAsync(nodes);
            Assert.Equal(TimeSpan.FromSeconds(64), nodes[0].Target.InForce.Limits.IdleTimeout);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task One_that_is_to_replace_another_revision_changes_nothing()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            Assert.Equal(RevisionVerdict.OtherRevision, (await nodes[0].ApplyAsync(Text(61), ifRevision: 1)).Verdict);
            Assert.Equal(RevisionVerdict.InForce, (await nodes[0].ApplyAsync(Text(61), ifRevision: 0)).Verdict);
            RevisionOutcome[] outcomes = await Task.WhenAll(nodes.Select((n, i) => n.ApplyAsync(Text(62 + i), ifRevision: 1)));
            Assert.Equal(1, outcomes.Count(o => o.Verdict == RevisionVerdict.InForce));
            Assert.Equal(2, outcomes.Count(o => o.Verdict == RevisionVerdict.OtherRevision));
            Assert.All(outcomes, o => Assert.Equal(2, o.Revision!.Value.Number));
            Assert.Equal(RevisionVerdict.OtherRevision, (await nodes[1].ApplyAsync(Text(70), isTrial: true, ifRevision: 1)).Verdict);
            Assert.Equal(2, nodes[2].Head!.Value.Number);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task Who_cannot_be_reached_or_comes_to_something_else_is_named()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            nodes[0].Variables["PATH_OF"] = nodes[1].Variables["PATH_OF"] = "/a";
            nodes[2].Variables["PATH_OF"] = "/b";
            RevisionOutcome outcome = await nodes[0].ApplyAsync("actorlb {\n" + RevisionNode.Files + "\npools.web.health.path = ${PATH_OF}\n}");
            Assert.Equal(RevisionVerdict.InForce, outcome.Verdict);
            Assert.Equal(["lb1", "lb2"], outcome.InForceAt.Where(n => n.Fingerprint == outcome.Fingerprint).Select(n => n.Node));
            Assert.Equal(["lb1", "lb2", "lb3"], outcome.InForceAt.Select(n => n.Node));
            Assert.Empty(outcome.Unreachable);

            await nodes[2].KillAsync();
            RevisionOutcome without = await nodes[0].ApplyAsync(Text(61));
            Assert.Equal(RevisionVerdict.InForce, without.Verdict);
            Assert.Equal(["lb1", "lb2"], without.InForceAt.Select(n => n.Node));
            Assert.True(without.Unreachable is [] or ["lb3"], string.Join(' ', without.Unreachable));
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_that_was_away_takes_what_it_missed_before_it_is_ready_and_says_so_where_it_cannot_run_it()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            await nodes[2].KillAsync();
            await RevisionNode.WhenUpAsync(nodes[..2]);
            await nodes[0].WhenAppliedAsync(Text(61));

            nodes[2] = await nodes[2].RestartAsync(n => n.Target.PrepareFails = new IOException("cannot listen"));
            await nodes[2].Capability.Heard;
            Assert.Equal("cannot listen", nodes[2].Capability.Status.Problem);
            Task runnable = nodes[2].Capability.WhenRunnableAsync(CancellationToken.None);
            Assert.False(runnable.IsCompleted);
            nodes[2].Target.PrepareFails = null;
            await runnable;
            Assert.Equal(TimeSpan.FromSeconds(61), nodes[2].Target.InForce.Limits.IdleTimeout);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_decided_and_the_word_says_who_is_missing()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            await Task.WhenAll(nodes[1].KillAsync(), nodes[2].KillAsync());
            RevisionOutcome outcome = await nodes[0].AskAsync(Text(61));
            Assert.True(outcome.Verdict is RevisionVerdict.Silent or RevisionVerdict.NoMajority, outcome.Verdict.ToString());
            Assert.All(outcome.Nodes, n => Assert.Contains(n, new[] { "lb2", "lb3" }));
            Assert.NotEmpty(outcome.Nodes);
            Assert.Null(nodes[0].Head);

            // Who does not come back is removed: this side is a cluster of its own then.
            await Eventually.Holds(() => nodes[0].Members == 1, "the others are removed");
            await nodes[0].WhenAppliedAsync(Text(61));
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task A_majority_that_cannot_write_decides_nothing()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            nodes[1].Store.IsFull = nodes[2].Store.IsFull = true;
            RevisionOutcome outcome = await nodes[0].AskAsync(Text(61));
            Assert.Equal(RevisionVerdict.NoMajority, outcome.Verdict);
            Assert.Equal("lb2 lb3", string.Join(' ', outcome.Nodes));
            await AllAgreeAsync(nodes);
            Assert.All(nodes, n => Assert.Null(n.Head));
            nodes[1].Store.IsFull = false;
            await nodes[0].WhenAppliedAsync(Text(61));
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Theory]
    [InlineData("asked")]
    [InlineData("other")]
    [InlineData("all")]
    public async Task A_kill_at_any_step_leaves_the_old_or_the_new_revision_on_all_nodes(string killed)
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        int seconds = 1000;
        try
        {
            foreach (RevisionStep step in Enum.GetValues<RevisionStep>())
            {
                bool isAskedsOwn = step is RevisionStep.Asking or RevisionStep.Tried or RevisionStep.Decided or RevisionStep.Confirmed;
                RevisionNode victim = nodes[killed == "other" ? 1 : 0];
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (isAskedsOwn ? nodes[0] : victim).Capability.Seam = at =>
                {
                    if (at != step)
                    {
                        return Task.CompletedTask;
                    }

                    reached.TrySetResult();
                    return goesOn.Task;
                };

                long before = nodes[2].Head?.Number ?? 0;
                Task<RevisionOutcome> apply = nodes[0].AskAsync(Text(++seconds));
                await reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
                RevisionNode[] victims = killed == "all" ? nodes : [victim];
                await Task.WhenAll(victims.Select(v => v.KillAsync()));
                nodes[0].Capability.Seam = nodes[1].Capability.Seam = static _ => Task.CompletedTask;
                if (killed == "other")
                {
                    goesOn.SetResult();
                    await apply;
                }

                for (int i = 0; i < nodes.Length; i++)
                {
                    nodes[i] = victims.Contains(nodes[i]) ? await nodes[i].RestartAsync() : nodes[i];
                }

                await RevisionNode.WhenUpAsync(nodes);
                await AllAgreeAsync(nodes);
                long after = nodes[2].Head?.Number ?? 0;
                Assert.InRange(after, before, before + 1);
                if (step < RevisionStep.Keeping && killed != "other")
                {
                    Assert.Equal(before, after);
                }
                else if (step >= RevisionStep.Decided)
                {
                    Assert.Equal(before + 1, after);
                }

                // The next one finds nothing in its way.
                await nodes[2].WhenAppliedAsync(Text(++seconds));
                await AllAgreeAsync(nodes);
                _ = apply.ContinueWith(static t => t.Exception, TaskScheduler.Default);
            }
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    [Fact]
    public async Task Two_sides_that_both_applied_settle_on_one_and_keep_the_other_in_the_history()
    {
        RevisionNode[] nodes = await RevisionNode.StartAllAsync(3);
        try
        {
            await nodes[2].KillAsync();
            await RevisionNode.WhenUpAsync(nodes[..2]);
            await nodes[0].WhenAppliedAsync(Text(61));
            await Eventually.Holds(() => nodes[0].Revisions.Status.History.Head?.Text is not null, "its text is shown");

            // The other side gave out the same number, later: its word counts.
            var rival = new Revision(
                new RevisionId(1, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), "lb3"), "", nodes[0].Revisions.Status.History.Head!.Text!.Replace("61s", "62s", StringComparison.Ordinal), 0);
            await nodes[2].Store.SaveAsync(Node.States.StateNames.Revisions, RevisionSerializer.ToBytes(RevisionHistory.Of([rival])));
            nodes[2] = await nodes[2].RestartAsync();
            await Eventually.Holds(() => nodes.All(n => n.State.Revision == rival.Id), "the later is in force");
            Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(62), n.Target.InForce.Limits.IdleTimeout));
            await Eventually.Holds(() => nodes.All(n => n.Revisions.Status.History.All.Length == 2), "both are in the history");
            Assert.Equal("lb1", nodes[1].Revisions.Status.History.Find("1@lb1")!.Id.Node);
            Assert.Equal(2, (await nodes[0].ApplyAsync(Text(63))).Revision!.Value.Number);
        }
        finally
        {
            await EndAsync(nodes);
        }
    }

    public static string Text(int seconds) => string.Create(
        CultureInfo.InvariantCulture, $"actorlb {{\n{RevisionNode.Files}\nlimits.idle-timeout = {seconds}s\n}}");

    private static Task AllAgreeAsync(RevisionNode[] nodes) => Eventually.Holds(
        () => nodes.All(n => n.Prepared is null && n.Head == nodes[0].Head && n.State.Revision == n.Head)
            && nodes.Select(n => n.Target.InForce.Limits.IdleTimeout).Distinct().Count() == 1,
        () => string.Join("; ", nodes.Select(n => $"{n.Name}: head {n.Head}, in force {n.State.Revision}, prepared {n.Prepared?.Revision}, {n.Capability.Status.Problem}")));

    private static Task EndAsync(RevisionNode[] nodes) => Task.WhenAll(nodes.Select(n => n.KillAsync()));
}
