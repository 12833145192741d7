using ActorLb.Engine;
using ActorLb.Node.Dashboard;
using ActorLb.Node.Reloads;
using ActorLb.Node.Storage;

namespace ActorLb.Node.Admin;

/// <summary>How a node stands to its file, its configuration and its certificates: what it tells the others, and what they read in it. Pure.</summary>
internal static class NodeStandings
{
    /// <summary>Of this node.</summary>
    public static NodeStanding Of(DataPlane plane, INodeView view)
    {
        (StorageStatus storage, ReloadStatus reloads) = (view.Storage, view.Reloads);
        return new NodeStanding
        {
            Storage = storage.State == StorageState.Ok ? null : new NodeStanding.UnwrittenFile(StatusDocument.Word(storage.State), storage.Detail ?? "", storage.Since - plane.Clock.Ahead),
            Revision = view.Revisions is { Problem: { } problem, History.Head: { } head } ? new NodeStanding.RevisionNotRun(head.Id.Number, problem) : null,
            FilesAt = (reloads.Last?.At ?? reloads.LoadedAt) - plane.Clock.Ahead,
            Mistakes = reloads.Last?.Outcome == ReloadOutcome.Refused ? [.. reloads.Mistakes.Select(m => m.Text).Take(NodeStanding.ToldMax)] : [],
            NeedStart = [.. reloads.NeedStart.Select(d => d.Key).Take(NodeStanding.ToldMax)],
            Certificates = [.. view.CertificateProblems.Select(c => new NodeStanding.CertificateNotUsed(c.Key, c.Problem, c.Since - plane.Clock.Ahead)).Take(NodeStanding.ToldMax)],
        };
    }

    /// <summary>What its own status would say of it.</summary>
    public static StatusDocument Read(FiguresAtNode node)
    {
        NodeStanding standing = node.Standing;
        return new StatusDocument(
            node.Node,
            node.Version,
            [],
            [],
            new StatusDocument.SessionTotal(0),
            standing.Storage is { } storage ? new StatusDocument.File(storage.State, storage.Detail, storage.Since, 0, 0) : new StatusDocument.File("ok", null, standing.FilesAt, 0, 0))
        {
            Revision = standing.Revision is { } revision ? new StatusDocument.GivenRevision(revision.Number, "", standing.FilesAt, Release: false, revision.Problem) : null,
            Configuration = new StatusDocument.Files(
                "", standing.FilesAt, standing.Mistakes.IsEmpty ? null : "refused", standing.FilesAt, standing.Mistakes, [.. standing.NeedStart.Select(k => new ReloadDocument.Difference(k, null, null))]),
            Certificates = [.. standing.Certificates.Select(c => new StatusDocument.UnusableCertificate(c.Key, c.Problem, c.Since))],
        };
    }
}
