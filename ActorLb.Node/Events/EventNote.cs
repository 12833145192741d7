using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events;

/// <summary>What somebody says has happened. Immutable; <see cref="EventLog"/> makes an event of it.</summary>
/// <param name="Text">One sentence in plain words: what, and why. Nothing that a client sent.</param>
internal sealed record EventNote(EventKind Kind, string Text)
{
    /// <summary>Null: as its kind says.</summary>
    public EventSeverity? Severity { get; init; }

    public string? Pool { get; init; }

    public string? Backend { get; init; }

    /// <summary>Is written as a small object of JSON: names and numbers. Null: there is nothing more to say.</summary>
    public object? Data { get; init; }

    /// <summary>The event that brought this one about, or that this one ends.</summary>
    public EventId? Cause { get; init; }

    /// <summary>Its span, which the log begins.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The operator who asked for it, in words for people; null: none did, or that is not known.</summary>
    public string? Who { get; init; }

    /// <summary>Of a backend, with whose name its text begins.</summary>
    public static EventNote Of(EventKind kind, BackendName backend, string what, object? data = null) =>
        new(kind, $"{backend} {what}") { Pool = backend.Pool, Backend = backend.Id, Data = data };
}
