using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorLb.Node.Cluster;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Revisions;

/// <summary>Revisions of this node: read here, taken to the control plane that runs now.</summary>
internal sealed class NodeRevisions(RevisionCapability capability, ControlPlane control) : IRevisions
{
    /// <summary>Those before it in the queue of this node have their time as well.</summary>
    private static readonly TimeSpan AnswerTimeout = 2 * RevisionApply.Longest;

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

    public async Task<RevisionOutcome> ApplyAsync(IReadOnlyList<ConfigurationText> layers, string who, bool isTrial, CancellationToken cancellation)
    {
        TopologyReading reading = await Task.Run(() => _runner.Read(layers), cancellation);
        ImmutableArray<string> warnings = [.. reading.Warnings.Select(w => w.ToString())];
        if (reading.Topology is not { } topology)
        {
            return new RevisionOutcome(RevisionVerdict.Impossible, null) { Mistakes = _runner.Told(reading.Mistakes), Warnings = warnings };
        }

        warnings = [.. warnings, .. LostSessions.Between(_runner.Live.State.InForce, topology)];
        RevisionOutcome outcome = await AskAsync(new ApplyRevision(reading.Text, who, "", isTrial), cancellation);
        return outcome with { Warnings = warnings, Mistakes = [.. outcome.Mistakes.Select(m => InFiles(m, reading))] };
    }

    // Another node read the one text that was made of them: its lines are nobody's.
    private static RevisionMistake InFiles(RevisionMistake mistake, TopologyReading reading)
    {
        const string root = ConfigurationLoader.RootKey + ".";
        if (!mistake.Key.StartsWith(root, StringComparison.Ordinal) || reading.PlaceOf is not { } placeOf || placeOf(mistake.Key[root.Length..]) is not { Line: > 0 } place)
        {
            return mistake;
        }

        string read = new HoconOrigin(mistake.File, mistake.Line, mistake.Column).ToString();
        string rest = mistake.Text.StartsWith(read, StringComparison.Ordinal) ? mistake.Text[read.Length..] : $": {mistake.Text}";
        return mistake with { File = place.File, Line = place.Line, Column = place.Column, Text = place + rest };
    }

    public Task<RevisionOutcome> ReturnToAsync(Revision? revision, string who, bool isTrial, CancellationToken cancellation) => AskAsync(
        new ApplyRevision(
            revision?.Text, who, revision is null ? "" : string.Create(CultureInfo.InvariantCulture, $"rollback to {revision.Id.Number}"), isTrial),
        cancellation);

    private Task<RevisionOutcome> AskAsync(ApplyRevision apply, CancellationToken cancellation) =>
        control.AskAsync<RevisionActor, RevisionOutcome>(apply, AnswerTimeout, cancellation);

    private (WrittenLayer? Layer, ImmutableArray<RevisionMistake> Mistakes) Read(Revision revision) =>
        _runner.Read(revision.Text, revision.Id, string.Create(CultureInfo.InvariantCulture, $"revision {revision.Id.Number}"));

    private static ImmutableArray<string> Told(ImmutableArray<RevisionMistake> mistakes) => [.. mistakes.Select(m => m.Text)];
}
