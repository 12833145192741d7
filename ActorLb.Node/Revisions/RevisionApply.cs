using System.Collections.Immutable;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>
/// Takes one topology to all members, from the node that was asked: all that can be reached prove that they could run it; then they
/// write it down, apart from what is decided; a majority of all members that has written it is the decision; then all go over to it.
/// One at a time on a node; of two nodes, the second waits for a while.
/// </summary>
internal sealed class RevisionApply(RevisionMembers members, RevisionRunner runner, RevisionUnderWay underWay, TimeProvider time, Func<DateTimeOffset> now, Random chance, RevisionSeam seam)
{
    /// <summary>Certificates are opened and addresses bound: milliseconds.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan KeepTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TakeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long another change is waited for.</summary>
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(3);

    /// <summary>All of these.</summary>
    public static readonly TimeSpan Longest = TryTimeout + KeepTimeout + TakeTimeout + BusyTimeout + TimeSpan.FromSeconds(1);

    public async Task<RevisionOutcome> RunAsync(ApplyRevision apply)
    {
        long since = time.GetTimestamp();
        while (true)
        {
            RevisionOutcome outcome = apply.IsTrial ? await OnceAsync(apply) : await TryingAsync(apply);
            if (outcome.Verdict != RevisionVerdict.Busy || time.GetElapsedTime(since) >= BusyTimeout)
            {
                return outcome;
            }

            // Two that meet wait for different times, or they would meet again.
            await Task.Delay(TimeSpan.FromMilliseconds(chance.Next(30, 200)), time);
        }
    }

    private async Task<RevisionOutcome> TryingAsync(ApplyRevision apply)
    {
        underWay.IsTrying = true;
        try
        {
            return await OnceAsync(apply);
        }
        finally
        {
            underWay.IsTrying = false;
        }
    }

    private async Task<RevisionOutcome> OnceAsync(ApplyRevision apply)
    {
        ImmutableArray<RevisionMember> all = members.Now();
        if (Minority(all) is { } few)
        {
            return few;
        }

        await seam(RevisionStep.Asking);
        RevisionMember[] reachable = [.. all.Where(m => m.CanBeReached)];
        (RevisionMember Member, RevisionTried? Answer)[] tried =
            await AskAllAsync<RevisionTried>(reachable, new TryRevision(apply.IsTrial ? "" : runner.Node, apply.Text), TryTimeout);
        if (Refusal(apply, tried) is { } refusal)
        {
            return refusal;
        }

        (TopologyChange? change, ImmutableArray<RevisionMistake> own) = apply.IsTrial ? await runner.TryAsync(apply.Text) : (null, []);
        if (apply.IsTrial)
        {
            return own.IsEmpty && change is not null
                ? new RevisionOutcome(RevisionVerdict.Possible, null) { Changes = change.Differences, Fingerprint = change.After.Fingerprint }
                : new RevisionOutcome(RevisionVerdict.Impossible, null) { Mistakes = own };
        }

        await seam(RevisionStep.Tried);
        all = members.Now();
        RevisionMember[] proved = [.. tried.Where(t => t.Answer is not null).Select(t => t.Member)];
        (WrittenLayer? layer, _) = runner.Read(apply.Text, null, "topology");
        uint fingerprint = layer is null ? 0 : runner.Live.State.Rewritten(layer).Fingerprint;
        var id = new RevisionId(tried.Max(t => t.Answer?.Highest ?? 0) + 1, Milliseconds(now()), runner.Node);
        var prepared = new PreparedRevision(
            new Revision(id, apply.Who, apply.Text, fingerprint) { Note = apply.Note }, [.. all.Select(m => m.Name)]);
        return await DecideAsync(prepared, proved);
    }

    private async Task<RevisionOutcome> DecideAsync(PreparedRevision prepared, RevisionMember[] proved)
    {
        underWay.Deciding = prepared;
        RevisionId id = prepared.Revision.Id;
        TopologyState before = runner.Live.State;
        try
        {
            (RevisionMember Member, RevisionKept? Answer)[] kept = await AskAllAsync<RevisionKept>(proved, new KeepRevision(prepared), KeepTimeout);
            if (kept.Count(k => k.Answer is { IsOnDisk: true }) < prepared.Majority)
            {
                Array.ForEach(proved, m => members.Tell(m, new DropRevision(id)));
                return kept.FirstOrDefault(k => k.Answer is { Busy.Length: > 0 }).Answer is { } busy ? Busy(busy.Busy) : new RevisionOutcome(RevisionVerdict.NoMajority, null)
                {
                    Nodes = [.. prepared.Electorate.Except(kept.Where(k => k.Answer is { IsOnDisk: true }).Select(k => k.Member.Name))],
                    Detail = "Fewer than a majority of the nodes could write it to their disks.",
                };
            }

            await seam(RevisionStep.Decided);
            (RevisionMember Member, RevisionTaken? Answer)[] taken =
                await AskAllAsync<RevisionTaken>(proved, new CommitRevision(prepared.Revision), TakeTimeout);
            await seam(RevisionStep.Confirmed);
            return Taken(prepared, taken, before);
        }
        finally
        {
            underWay.Deciding = null;
        }
    }

    private RevisionOutcome Taken(PreparedRevision prepared, (RevisionMember Member, RevisionTaken? Answer)[] taken, TopologyState before)
    {
        HashSet<string> reachable = [.. members.Now().Where(m => m.CanBeReached).Select(m => m.Name)];
        string[] behind =
        [
            .. taken.Where(t => t.Answer is null ? reachable.Contains(t.Member.Name) : t.Answer.Problem.Length > 0)
                .Select(t => t.Answer is null ? t.Member.Name : $"{t.Member.Name} ({t.Answer.Problem})"),
        ];
        bool byMajority = taken.Count(t => t.Answer is { IsOnDisk: true }) >= prepared.Majority;
        return new RevisionOutcome(byMajority && behind.Length == 0 ? RevisionVerdict.InForce : RevisionVerdict.Spreads, prepared.Revision.Id)
        {
            Nodes = [.. behind],
            Changes = new TopologyChange(before, runner.Live.State).Differences,
            Fingerprint = runner.Live.State.Fingerprint,
            Detail = byMajority ? "" : "A majority has not said yet that it is on disk.",
        };
    }

    private RevisionOutcome? Refusal(ApplyRevision apply, (RevisionMember Member, RevisionTried? Answer)[] tried)
    {
        ImmutableArray<RevisionMember> all = members.Now();
        string[] silent = [.. tried.Where(t => t.Answer is null && all.Any(m => m.Name == t.Member.Name && m.CanBeReached)).Select(t => t.Member.Name)];
        ImmutableArray<RevisionMistake> mistakes = [.. tried.SelectMany(t => t.Answer?.Mistakes ?? [])];
        string? busy = apply.IsTrial ? null : tried.Select(t => t.Answer?.Busy ?? "").FirstOrDefault(b => b.Length > 0);
        return busy is not null ? Busy(busy)
            : !mistakes.IsEmpty ? new RevisionOutcome(RevisionVerdict.Impossible, null) { Mistakes = mistakes }
            : silent.Length > 0 ? new RevisionOutcome(RevisionVerdict.Silent, null) { Nodes = [.. silent] }
            : Minority(all);
    }

    private static RevisionOutcome Busy(string node) => new(RevisionVerdict.Busy, null) { Nodes = [node] };

    private static RevisionOutcome? Minority(ImmutableArray<RevisionMember> all) => all.Count(m => m.CanBeReached) > all.Length / 2
        ? null
        : new RevisionOutcome(RevisionVerdict.NoMajority, null)
        {
            Nodes = [.. all.Where(m => !m.CanBeReached).Select(m => m.Name)],
            Detail = $"{all.Count(m => m.CanBeReached)} of {all.Length} nodes can be reached.",
        };

    private async Task<(RevisionMember Member, T? Answer)[]> AskAllAsync<T>(RevisionMember[] whom, object question, TimeSpan timeout)
        where T : class
    {
        T?[] answers = await Task.WhenAll(whom.Select(m => members.AskAsync<T>(m, question, timeout)));
        return [.. whom.Zip(answers)];
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
