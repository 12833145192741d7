using System.Runtime.Serialization;
using ActorLb.Node.States;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>What of revisions outlives the process: those that were decided, and apart from them the one that was prepared.</summary>
internal sealed class RevisionStore(IStateStore store, ILogger logger)
{
    public RevisionHistory History() => Load(StateNames.Revisions, RevisionSerializer.HistoryOf, RevisionHistory.Empty);

    public PreparedRevision? Prepared() => Load(StateNames.PreparedRevision, static bytes => RevisionSerializer.PreparedOf(bytes), null);

    /// <returns>Whether it is on disk.</returns>
    public Task<bool> SaveAsync(RevisionHistory history) => SaveAsync(StateNames.Revisions, RevisionSerializer.ToBytes(history));

    /// <inheritdoc cref="SaveAsync(RevisionHistory)"/>
    public Task<bool> SaveAsync(PreparedRevision? prepared) => SaveAsync(StateNames.PreparedRevision, RevisionSerializer.ToBytes(prepared));

    private delegate T Reading<out T>(ReadOnlySpan<byte> bytes);

    // The other nodes may know what this one cannot read: it starts, and says so.
    private T Load<T>(string name, Reading<T> read, T otherwise)
    {
        try
        {
            return store.State(name) is { } saved ? read(saved) : otherwise;
        }
        catch (SerializationException e)
        {
            Log.KeptUnread(logger, e, name);
            return otherwise;
        }
    }

    private async Task<bool> SaveAsync(string name, byte[] bytes)
    {
        try
        {
            await store.SaveAsync(name, bytes);
            return true;
        }
        catch (IOException e)
        {
            // It holds all the same, and is written when that is possible.
            Log.KeptNotOnDisk(logger, name, e.Message);
            return false;
        }
    }
}
