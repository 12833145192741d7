using System.Collections.Immutable;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>All that nodes have told so far. Pure.</summary>
/// <param name="From">Who told the picture.</param>
internal sealed record TopFacts(LivePicture? Picture, Uri? From)
{
    /// <summary>Events that are kept: a morning's.</summary>
    public const int EventsMax = 1000;

    public static readonly TopFacts None = new(null, null);

    /// <summary>Why the node that told the picture is not heard any more, and where it goes on; null: it is heard.</summary>
    public string? Silence { get; init; }

    /// <summary>For how long nothing was heard; nothing where it is no matter.</summary>
    public TimeSpan SilentFor { get; init; }

    /// <summary>Who is asked now, since another one fell silent; null: that was long ago, or never.</summary>
    public string? Moved { get; init; }

    /// <summary>Newest first.</summary>
    public ImmutableList<TopEvent> Events { get; init; } = [];

    /// <summary>Why there are none.</summary>
    public string? EventsProblem { get; init; }

    public SessionsDocument? Sessions { get; init; }

    /// <summary>Why there is none, or no newer one.</summary>
    public string? SessionsProblem { get; init; }

    /// <summary>The backend that is asked for, of which those below tell.</summary>
    public BackendName? BackendAsked { get; init; }

    public BackendViewDocument? Backend { get; init; }

    /// <summary>Why there is none, or no newer one.</summary>
    public string? BackendProblem { get; init; }

    /// <summary>With what is known of that one alone.</summary>
    public TopFacts Asking(BackendName backend) => BackendAsked == backend ? this : this with { BackendAsked = backend, Backend = null, BackendProblem = null };

    public TopFacts With(TopEvent one)
    {
        ImmutableList<TopEvent> more = Events.Insert(0, one);
        return this with { Events = more.Count > EventsMax ? more.RemoveAt(more.Count - 1) : more, EventsProblem = null };
    }
}
