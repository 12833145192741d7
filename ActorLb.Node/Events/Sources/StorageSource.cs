using ActorLb.Node.Storage;

namespace ActorLb.Node.Events.Sources;

/// <summary>The node's file cannot be written, and can again.</summary>
internal sealed class StorageSource(Func<StorageStatus> status) : IEventSource
{
    private StorageState _state = StorageState.Ok;
    private EventId? _failing;

    public void Look(IEventSink events)
    {
        StorageStatus now = status();
        if (now.State == _state)
        {
            return;
        }

        _state = now.State;
        if (now.State == StorageState.Ok)
        {
            events.Note(new EventNote(EventKind.StorageRecovered, $"{events.Node} can write its file again; everything is in it") { Cause = _failing });
            return;
        }

        string what = now.State == StorageState.Off ? "leaves its file alone" : "cannot write its file";
        _failing = events.Note(new EventNote(EventKind.StorageFailing, $"{events.Node} {what}: {now.Detail}; it goes on in memory") { Data = new { state = now.State.ToString().ToLowerInvariant() } }).Id;
    }
}
