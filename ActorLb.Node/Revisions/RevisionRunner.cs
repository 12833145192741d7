using System.Collections.Immutable;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Revisions;

/// <summary>
/// Reads revisions as this node reads them, with its own environment and its own files, and has the node try them or go over to
/// them. Any thread; LiveTopology makes one change after the other.
/// </summary>
/// <param name="started">What the node was started with.</param>
/// <param name="files">Reads the node's files anew; throws nothing for what an operator wrote.</param>
internal sealed class RevisionRunner(NodeSettings started, LiveTopology live, Func<ConfigurationResult> files, ConfigurationEnvironment environment)
{
    /// <summary>How a text is called that is tried and is in no file here.</summary>
    public const string Given = "topology";

    public string Node => started.Name;

    public LiveTopology Live => live;

    /// <summary>A text as somebody gave it, place holders and all.</summary>
    public TopologyReading Read(IReadOnlyList<ConfigurationText> layers) => TopologyLoader.Read(layers, started, live.State.Layer.Text, environment);

    /// <summary>What a revision comes to on this node.</summary>
    /// <param name="text">Null: what its files say.</param>
    /// <param name="name">For mistakes.</param>
    public (WrittenLayer? Layer, ImmutableArray<RevisionMistake> Mistakes) Read(string? text, RevisionId? id, string name)
    {
        if (text is null)
        {
            ConfigurationResult read = files();
            return (read.Settings is { } settings ? new WrittenLayer(settings.Topology, settings.Written, null) { Hidden = read.Hidden } : null, Told(read.Mistakes.Select(read.Hidden.In)));
        }

        TopologyReading reading = TopologyLoader.Read([new ConfigurationText(name, text)], started, null, environment);
        return (reading.Topology is { } topology ? new WrittenLayer(topology, text, id) { Hidden = reading.Hidden } : null, Told(reading.Mistakes));
    }

    /// <summary>Whether this node could run it, now; nothing changes.</summary>
    /// <param name="text">Null: what its files say.</param>
    /// <returns>Why not; empty: it could.</returns>
    public async Task<(TopologyChange? Change, ImmutableArray<RevisionMistake> Mistakes)> TryAsync(string? text)
    {
        (WrittenLayer? layer, ImmutableArray<RevisionMistake> mistakes) = await Task.Run(() => Read(text, null, Given));
        if (layer is null)
        {
            return (null, mistakes);
        }

        try
        {
            return (await live.TryAsync(s => s.Rewritten(layer)), []);
        }
        catch (TopologyRefusedException e)
        {
            return (null, [new RevisionMistake(started.Name, "", 0, 0, "", layer.Hidden.In(e.Message))]);
        }
    }

    /// <summary>Goes over to it.</summary>
    /// <returns>Why it could not; null: it is in force.</returns>
    public async Task<string?> GoOverAsync(Revision revision)
    {
        try
        {
            (WrittenLayer? layer, ImmutableArray<RevisionMistake> mistakes) = await Task.Run(() => Read(revision.Text, revision.Id, $"revision {revision.Id.Number}"));
            if (layer is null)
            {
                return string.Join("; ", mistakes.Select(m => m.Text));
            }

            await live.ChangeAsync(s => s.Rewritten(layer));
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, the actor that waits for it must hear of it, and tries again.
            return e.Message;
        }
    }

    public ImmutableArray<RevisionMistake> Told(IEnumerable<ConfigurationMistake> mistakes) =>
        [.. mistakes.Select(m => new RevisionMistake(started.Name, m.Origin.File, m.Origin.Line, m.Origin.Column, m.Key, m.ToString()))];
}
