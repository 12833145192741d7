using System.Globalization;
using ActorLb.Engine;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>Says of what is about to be changed how it stands. Answered from memory.</summary>
internal sealed class AuditSubjects(DataPlane plane, INodeView view)
{
    private const int ValueLengthMax = 100;

    /// <summary>Words of a query that the route does not know, of which one may tell a slip: more are counted.</summary>
    private const int UnknownMax = 2;

    private sealed record BackendThen(string Address, int Weight, string Operator, DateTimeOffset? Deadline, string? Overlay);

    private sealed record TopologyThen(long? Revision, string Fingerprint);

    private sealed record OverlaysThen(IReadOnlyList<string> Overlays);

    /// <summary>What the request names by its path and query.</summary>
    public void Find(AuditEntry entry, HttpContext context)
    {
        Said(entry, context.Request.Query);
        string[] names = BackendPath.NamesOf(context);
        switch (entry.Route.Subject)
        {
            case AuditSubject.Backend when names is [var pool, var id]:
                Concerns(entry, new BackendName(pool, id));
                break;
            case AuditSubject.Overlays:
                entry.Concerns(names.ElementAtOrDefault(0) ?? "", () => Overlays(names.ElementAtOrDefault(0)));
                break;
            case AuditSubject.Topology:
                entry.Concerns((string?)context.Request.RouteValues["n"] ?? "", Topology);
                break;
        }
    }

    // Of what the route does not know, a value may be a secret.
    private static void Said(AuditEntry entry, IQueryCollection query)
    {
        int unknown = 0;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in query)
        {
            string text = value.ToString();
            if (entry.Route.Query.Knows(name))
            {
                entry.What[name] = text.Length == 0 ? "true" : text[..Math.Min(text.Length, ValueLengthMax)];
            }
            else if (++unknown <= UnknownMax)
            {
                entry.What[name[..Math.Min(name.Length, ValueLengthMax)]] = "(not shown)";
            }
        }

        if (unknown > UnknownMax)
        {
            entry.What["(more)"] = unknown - UnknownMax;
        }
    }

    /// <summary>It is a backend that is changed.</summary>
    public void Concerns(AuditEntry entry, BackendName backend) => entry.Concerns(backend.ToString(), () => Backend(backend));

    private BackendThen? Backend(BackendName name)
    {
        PoolSnapshot? pool = plane.Routing.Pools.GetValueOrDefault(name.Pool);
        BackendOverride? over = pool?.Settings.OverrideOf(name.Id);
        return pool?.Find(BackendKey.Of(name.Id)) is { } there
            ? new BackendThen(
                there.Address.GetLeftPart(UriPartial.Authority), there.Weight, StatusDocument.Word(there.Operator), there.DrainDeadline, over is null ? null : over.Removal is null ? "changed" : "removed")
            : null;
    }

    private OverlaysThen Overlays(string? pool) => new([.. view.Overlays.Where(o => pool is null || o.Backend.Pool == pool).Take(20).Select(o => o.Backend.ToString())]);

    private TopologyThen Topology() => new(
        view.Revisions.History.Head?.Id.Number, view.Fingerprint.ToString("x8", CultureInfo.InvariantCulture));
}
