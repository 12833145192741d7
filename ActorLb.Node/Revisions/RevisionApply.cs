using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Engine;
using ActorLb.Node.Topologies;

namespace ActorLb.Node.Revisions;

/// <summary>
/// Takes one topology to all members, from the node that was asked: all that can be reached prove that they could run it; then they
/// write it down, apart from what is decided; a majority of all members that has written it is the decision; then all go over to it.
/// One at a time in the cluster, in the order in which their nodes ask for a turn. Whoever asked has an answer within
/// <see cref="Longest"/>: what did not get its turn until then never begins.
/// </summary>
/// <param name="head">What counts in the cluster, as this node knows it.</param>
internal sealed class RevisionApply(
    RevisionMembers members,
    RevisionRunner runner,
    RevisionUnderWay underWay,
    RevisionTurns turns,
    Func<Revision?> head,
    DataPlane plane,
    Random chance,
    RevisionSeam seam)
{
    /// <summary>Certificates are opened and addresses bound: milliseconds.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan KeepTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TakeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long a change waits for others at most.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    /// <summary>All of these.</summary>
    public static readonly TimeSpan Longest = WaitMax + TryTimeout + KeepTimeout + TakeTimeout;

    private readonly TimeProvider _time = plane.Time;
    private long _turns = plane.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whoever asked for it has gone, or it has waited for as long as it may.</summary>
    public bool HasExpired(ApplyRevision apply) => apply.Caller.IsCancellationRequested || Left(apply) <= TimeSpan.Zero;

    public static RevisionOutcome Expired(string holder) => Busy(holder) with
    {
        Detail = string.Create(CultureInfo.InvariantCulture, $"It waited for {WaitMax.TotalSeconds} s while other changes were under way, and does not any more."),
    };

    public async Task<RevisionOutcome> RunAsync(ApplyRevision apply)
    {
        if (apply.IsTrial)
        {
            return await OnceAsync(apply);
        }

        var turn = new TurnRequest(runner.Node, Interlocked.Increment(ref _turns));
        try
        {
            return await turns.TakeAsync(turn, () => apply.Caller.IsCancellationRequested ? TimeSpan.Zero : Left(apply)) is { } holder
                ? Expired(holder)
                : await InTurnAsync(apply);
        }
        finally
        {
            turns.End(turn);
        }
    }

    // Nodes that see other members do not hear of each other's turns, and a change whose node has gone is settled by the others.
    private async Task<RevisionOutcome> InTurnAsync(ApplyRevision apply)
    {
        while (true)
        {
            RevisionOutcome outcome = await TryingAsync(apply);
            if (outcome.Verdict != RevisionVerdict.Busy)
            {
                return outcome;
            }

            if (HasExpired(apply))
            {
                return Expired(outcome.Nodes[0]);
            }

            // Two that meet wait for different times, or they would meet again.
            await Task.Delay(TimeSpan.FromMilliseconds(chance.Next(30, 200)), _time);
        }
    }

    private TimeSpan Left(ApplyRevision apply) => WaitMax - _time.GetElapsedTime(apply.Since);

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
        // What another one was given meanwhile may be just this.
        Revision? counts = head();
        if (apply.Request.IfRevision is { } wanted && counts is not null && counts.Id.Number > wanted)
        {
            return Other(counts.Id.Number, wanted);
        }

        if (!apply.IsTrial && apply.Request.IfRevision is null && IsSame(apply, counts))
        {
            return new RevisionOutcome(RevisionVerdict.Unchanged, counts?.Id) { Fingerprint = runner.Live.State.Fingerprint };
        }

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

        long highest = tried.Max(t => t.Answer?.Highest ?? 0);
        if (apply.Request.IfRevision is { } expected && expected != highest)
        {
            return Other(highest, expected);
        }

        if (apply.IsTrial)
        {
            (TopologyChange? change, ImmutableArray<RevisionMistake> own) = await runner.TryAsync(apply.Text).WaitAsync(TryTimeout, _time);
            return own.IsEmpty && change is not null
                ? new RevisionOutcome(RevisionVerdict.Possible, null) { Changes = change.Differences, Fingerprint = change.After.Fingerprint }
                : new RevisionOutcome(RevisionVerdict.Impossible, null) { Mistakes = own };
        }

        if (IsSame(apply, counts))
        {
            return new RevisionOutcome(RevisionVerdict.Unchanged, counts?.Id) { Fingerprint = runner.Live.State.Fingerprint };
        }

        await seam(RevisionStep.Tried);

        // From here on it may come into force, so whoever asked must still be there to hear of it.
        if (apply.Caller.IsCancellationRequested || Left(apply) < -TryTimeout)
        {
            return Expired(runner.Node);
        }

        all = members.Now();
        RevisionMember[] proved = [.. tried.Where(t => t.Answer is not null).Select(t => t.Member)];
        (WrittenLayer? layer, _) = runner.Read(apply.Text, null, "topology");
        uint fingerprint = layer is null ? 0 : runner.Live.State.Rewritten(layer).Fingerprint;
        var id = new RevisionId(highest + 1, Milliseconds(plane.Clock.UtcNow), runner.Node);
        var prepared = new PreparedRevision(
            new Revision(id, apply.Request.Who, apply.Text, fingerprint) { Note = apply.Note }, [.. all.Select(m => m.Name)]);
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
            Fingerprint = taken.Any(t => t.Member.Name == runner.Node && t.Answer is { Problem.Length: 0 }) ? runner.Live.State.Fingerprint : prepared.Revision.Fingerprint,
            InForceAt = [.. taken.Where(t => t.Answer is { Problem.Length: 0 }).Select(t => (t.Member.Name, t.Answer!.Fingerprint))],
            Unreachable = [.. members.Now().Select(m => m.Name).Union(prepared.Electorate).Union(members.Lost).Except(reachable).Order(StringComparer.Ordinal)],
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

    private static bool IsSame(ApplyRevision apply, Revision? counts) => counts is not null ? counts.Text == apply.Text : apply.Text is null;

    private RevisionOutcome Other(long counts, long wanted) => new(RevisionVerdict.OtherRevision, head()?.Id)
    {
        Detail = string.Create(
            CultureInfo.InvariantCulture,
            $"It was to replace {(wanted == 0 ? "none" : $"revision {wanted}")}, and {(counts == 0 ? "no revision was ever given to this cluster" : $"revision {counts} counts")}."),
    };

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
