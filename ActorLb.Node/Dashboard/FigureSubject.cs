using ActorLb.Shared.Backends;

namespace ActorLb.Node.Dashboard;

/// <summary>What figures are of. The order of the kinds is that of the wire: new ones are added at the end.</summary>
internal enum SubjectKind
{
    /// <summary>All requests of a node.</summary>
    Node,
    Route,
    Pool,
    Backend,

    /// <summary>What became of sessions, by the name of the event; each is a request of figures.</summary>
    Sessions,

    /// <summary>What came by a listener.</summary>
    Listener,
}

/// <summary>One thing of which requests are counted.</summary>
/// <param name="Name">The route (its host and path), the pool or the listener; empty of the node.</param>
/// <param name="Id">Of a backend; of a route, the pool to which its requests go, or empty: all of them; else empty.</param>
internal readonly record struct FigureSubject(SubjectKind Kind, string Name, string Id = "")
{
    public static readonly FigureSubject Node = new(SubjectKind.Node, "");

    public static FigureSubject Of(BackendName backend) => new(SubjectKind.Backend, backend.Pool, backend.Id);
}
