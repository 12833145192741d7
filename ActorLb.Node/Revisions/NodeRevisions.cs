using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorLb.Node.Cluster;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Revisions;

/// <summary>Revisions of this node: read here, taken to the control plane that runs now.</summary>
internal sealed class NodeRevisions(RevisionCapability capability, ControlPlane control, TimeProvider time) : IRevisions
{
    /// <summary>A little more than whoever takes it needs to give up.</summary>
    private static readonly TimeSpan AnswerTimeout = RevisionApply.Longest + TimeSpan.FromMilliseconds(500);

    private readonly RevisionRunner _runner = capability.Runner;

    public RevisionStatus Status => capability.Status;

    public string Export()
    {
        TopologyState state = _runner.Live.State;
        Revision? revision = state.Revision is { } id ? Status.History.All.FirstOrDefault(r => r.Id == id) : null;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {(revision is null ? $"The files of {_runner.Node}; no revision is in force" : $"Revision {revision.Id.Number}, {revision.Id.At:yyyy-MM-ddTHH:mm:ssZ}, taken by {revision.Id.Node}")}; fingerprint {state.Fingerprint:x8}\n");
        HoconObject written = TopologyLoader.Parse(state.Layer.Text);
        PoolSettings[] decided = [.. state.InForce.Pools.Values.Where(p => state.Written.Pools.GetValueOrDefault(p.Name) is { } pool && pool.Backends != p.Backends)];
        if (decided.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"# With the backends that operators decided about while the nodes run: {string.Join(", ", decided.Select(p => p.Name).Order(StringComparer.Ordinal))}\n");
            written = HoconLayering.Over(written, BackendsText.Of(decided));
        }

        return text.Append(HoconWriter.Write(WrittenSecrets.Hidden(written))).ToString();
    }

    public string? Shown(Revision revision) => revision.Text is { } text ? HoconWriter.Write(WrittenSecrets.Hidden(TopologyLoader.Parse(text))) : null;

    public (ImmutableArray<SettingDifference> Differences, ImmutableArray<string> Mistakes) Between(Revision from, Revision? to)
    {
        (WrittenLayer? before, ImmutableArray<RevisionMistake> mistakes) = Read(from);
        if (before is null)
        {
            return ([], Told(mistakes));
        }

        Topology after = _runner.Live.State.InForce;
        HiddenValues hidden = before.Hidden.With(_runner.Live.State.Layer.Hidden);
        if (to is not null)
        {
            (WrittenLayer? layer, mistakes) = Read(to);
            if (layer is null)
            {
                return ([], Told(mistakes));
            }

            after = layer.Topology;
            hidden = before.Hidden.With(layer.Hidden);
        }

        return (TopologyDifferences.Between(before.Topology, after, hidden), []);
    }

    public async Task<RevisionOutcome> ApplyAsync(IReadOnlyList<ConfigurationText> layers, RevisionRequest request, CancellationToken cancellation)
    {
        long since = time.GetTimestamp();
        TopologyReading reading = await Task.Run(() => _runner.Read(layers), cancellation).WaitAsync(RevisionApply.WaitMax, time, cancellation);
        ImmutableArray<string> warnings = [.. reading.Warnings.Select(w => w.ToString())];
        Revision? counts = Status.History.Head;
        if (reading.Topology is not { } topology)
        {
            // What is named in it (a certificate) has become another since: that is no change, and nothing that a change could mend.
            return !request.IsTrial && request.IfRevision is null && reading.Text.Length > 0 && counts?.Text == reading.Text
                ? new RevisionOutcome(RevisionVerdict.Unchanged, counts.Id)
                {
                    Fingerprint = _runner.Live.State.Fingerprint,
                    Warnings = [.. warnings, .. reading.Mistakes.Select(m => $"{_runner.Node} goes by it, and could not go over to it now: {m}")],
                }
                : new RevisionOutcome(RevisionVerdict.Impossible, null) { Mistakes = _runner.Told(reading.Mistakes), Warnings = warnings };
        }

        warnings = [.. warnings, .. LostSessions.Between(_runner.Live.State.InForce, topology)];
        RevisionOutcome outcome = await AskAsync(new ApplyRevision(reading.Text, "", request, since, cancellation), cancellation);
        return outcome with { Warnings = [.. warnings, .. Advice(outcome)], Mistakes = [.. outcome.Mistakes.Select(m => InFiles(m, reading))] };
    }

    // Another node read the one text that was made of them: its lines are nobody's.
    private static RevisionMistake InFiles(RevisionMistake mistake, TopologyReading reading)
    {
        const string root = ConfigurationLoader.RootKey + ".";
        HoconOrigin? place = mistake.Key.StartsWith(root, StringComparison.Ordinal) && reading.PlaceOf is { } placeOf ? placeOf(mistake.Key[root.Length..])
            : mistake.Line > 0 ? reading.OriginOf(mistake.Line, mistake.Column)
            : null;
        return place is { Line: > 0 } known ? At(mistake, known, known.ToString()) : In(mistake, "the applied text");
    }

    /// <summary>A text that was made, and is in no file: its line is told of it.</summary>
    private static RevisionMistake In(RevisionMistake mistake, string what) => mistake is { File: RevisionRunner.Given, Line: > 0 }
        ? At(mistake, new HoconOrigin(what, mistake.Line, mistake.Column), string.Create(CultureInfo.InvariantCulture, $"line {mistake.Line} of {what}"))
        : mistake;

    private static RevisionMistake At(RevisionMistake mistake, HoconOrigin place, string told)
    {
        string read = new HoconOrigin(mistake.File, mistake.Line, mistake.Column).ToString();
        string rest = mistake.File.Length > 0 && mistake.Text.StartsWith(read, StringComparison.Ordinal) ? mistake.Text[read.Length..] : $": {mistake.Text}";
        return mistake with { File = place.File, Line = place.Line, Column = place.Column, Text = told + rest };
    }

    // An address that is written for one node is taken where another runs beside it.
    private ImmutableArray<string> Advice(RevisionOutcome outcome) =>
        outcome.Mistakes.Where(m => m.Node != _runner.Node).Select(m => m.Text).Concat(outcome.Nodes).Any(t => t.Contains("cannot listen on", StringComparison.Ordinal))
            ? ["what is applied has the addresses of listeners for all nodes: where nodes run beside each other, write bind = ${NAME}, which each takes from its own environment"]
            : [];

    public async Task<RevisionOutcome> ReturnToAsync(Revision? revision, RevisionRequest request, CancellationToken cancellation)
    {
        string note = revision is null ? "" : string.Create(CultureInfo.InvariantCulture, $"rollback to {revision.Id.Number}");
        RevisionOutcome outcome = await AskAsync(new ApplyRevision(revision?.Text, note, request, time.GetTimestamp(), cancellation), cancellation);
        string what = revision is null ? "the files" : string.Create(CultureInfo.InvariantCulture, $"revision {revision.Id.Number}");
        return outcome with { Mistakes = [.. outcome.Mistakes.Select(m => In(m, what))], Warnings = Advice(outcome) };
    }

    private Task<RevisionOutcome> AskAsync(ApplyRevision apply, CancellationToken cancellation) =>
        control.AskAsync<RevisionActor, RevisionOutcome>(apply, AnswerTimeout, cancellation);

    private (WrittenLayer? Layer, ImmutableArray<RevisionMistake> Mistakes) Read(Revision revision) =>
        _runner.Read(revision.Text, revision.Id, string.Create(CultureInfo.InvariantCulture, $"revision {revision.Id.Number}"));

    private static ImmutableArray<string> Told(ImmutableArray<RevisionMistake> mistakes) => [.. mistakes.Select(m => m.Text)];
}
