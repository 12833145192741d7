using System.Globalization;
using ActorLb.Node.Dashboard;

namespace ActorLb.Node.Admin;

/// <summary>What is wrong with nodes, their files and what they go by. Pure.</summary>
internal static class NodeTroubles
{
    public static IEnumerable<Trouble> Of(StatusDocument status, GatheredFigures gathered)
    {
        foreach (StatusDocument.Member member in status.Members)
        {
            foreach (Trouble trouble in Of(status, member, gathered))
            {
                yield return trouble;
            }
        }

        foreach (Trouble trouble in Twins(status))
        {
            yield return trouble;
        }

        foreach (string node in gathered.Silent)
        {
            yield return new Trouble($"silent:{node}", Trouble.Warning, null, $"{node} does not answer", $"{status.Node} asked it what it has, and heard nothing within a second.", "The figures of all nodes are without its own.") { Node = node };
        }

        foreach ((string one, string other) in Parted(status, gathered))
        {
            yield return new Trouble(
                $"parted:{one}:{other}", Trouble.Warning, null, $"{one} and {other} do not hear each other", "Each of them answers, and says that the other one does not: the network between them is cut.",
                "Both go on serving, and agree again when they hear each other.") { Node = one };
        }

        foreach (Trouble trouble in Differing(status, gathered))
        {
            yield return trouble;
        }

        // Of each node the same, whichever is asked.
        foreach (Trouble trouble in gathered.Nodes.Where(n => n.Node != status.Node).Select(NodeStandings.Read).Prepend(status).SelectMany(OfFiles))
        {
            yield return trouble;
        }
    }

    // As MembershipActor logs them. Members are told oldest first, at all nodes alike.
    private static IEnumerable<Trouble> Twins(StatusDocument status) =>
        from twins in status.Members.Where(m => m is { Status: "up", Reachable: true }).GroupBy(m => m.Name, StringComparer.Ordinal)
        where twins.Skip(1).Any()
        let addresses = twins.Select(m => m.Address[(m.Address.IndexOf('@') + 1)..]).ToArray()
        let younger = $"The younger {(addresses.Length == 2 ? "one" : "ones")}, at {Trouble.Listed(addresses[1..])}, "
        select new Trouble(
            $"twins:{twins.Key}", Trouble.Error, null, $"{(addresses.Length == 2 ? "Two" : addresses.Length.ToString(CultureInfo.InvariantCulture))} nodes are called {twins.Key}",
            $"They are at {Trouble.Listed(addresses)}. Each needs a name of its own (node.name): what is known of one is taken for the other's.",
            $"{younger}{(addresses.Length == 2 ? "ends itself" : "end themselves")} where this lasts for three times cluster.stable-after and five seconds; until then all of them serve.") { Node = twins.Key };

    // Where it is known why a node goes by another configuration, that is told and nothing else. What most of the others go by is the usual.
    private static IEnumerable<Trouble> Differing(StatusDocument status, GatheredFigures gathered)
    {
        bool filesCount = status.Revision is null or { Release: true };
        HashSet<string> explained = [.. gathered.Nodes.Where(n => n.Standing.Revision is not null || (filesCount && !n.Standing.Mistakes.IsEmpty)).Select(n => n.Node)];
        StatusDocument.Member[] told = [.. status.Members.Where(m => m.Configuration is not null && !explained.Contains(m.Name))];
        if (told.GroupBy(m => m.Configuration).MaxBy(g => g.Count()) is not { } usual)
        {
            yield break;
        }

        foreach (StatusDocument.Member member in told.Where(m => m.Configuration != usual.Key))
        {
            yield return new Trouble(
                $"differs:{member.Name}", Trouble.Warning, null, $"{member.Name} goes by another configuration",
                $"Its fingerprint is {member.Configuration}; that of {Trouble.Listed(usual.Select(m => m.Name))} is {usual.Key}.",
                "Each node goes on by its own. actorlb diff --nodes and the dashboard's page Topology show what differs.") { Node = member.Name };
        }
    }

    private static IEnumerable<Trouble> Of(StatusDocument status, StatusDocument.Member member, GatheredFigures gathered)
    {
        if (!member.Reachable)
        {
            string[] deaf = [.. gathered.Nodes.Where(n => n.Sees.Any(s => s.Node == member.Name && !s.Reachable)).Select(n => n.Node)];
            yield return new Trouble(
                $"unreachable:{member.Name}", Trouble.Error, null, $"{member.Name} cannot be reached",
                deaf.Length == 0 ? "Its heartbeats stopped." : $"{Trouble.Listed(deaf)} {(deaf.Length == 1 ? "does" : "do")} not hear it any more.",
                "The others serve its sessions and clients; they go on without it when it stays silent.") { Node = member.Name };
        }

        if (member is { ClockIsWrong: true, ClockAheadSeconds: { } ahead })
        {
            yield return new Trouble(
                $"clock:{member.Name}", Trouble.Warning, null, $"The clock of {member.Name} is wrong",
                string.Create(CultureInfo.InvariantCulture, $"It is {Math.Abs(ahead)} s {(ahead > 0 ? "ahead of" : "behind")} the time that the nodes agree on."),
                "Sessions and deadlines go by the agreed time.") { Node = member.Name };
        }
    }

    // Both are here and answer: one alone that cannot be reached is told as that.
    private static IEnumerable<(string One, string Other)> Parted(StatusDocument status, GatheredFigures gathered) =>
        from node in gathered.Nodes
        from seen in node.Sees
        where seen is { Reachable: false, Status: "up" or "leaving" }
            && gathered.Nodes.Any(n => n.Node == seen.Node)
            && status.Members.Any(m => m.Name == seen.Node && m.Reachable)
            && string.CompareOrdinal(node.Node, seen.Node) < 0
        select (node.Node, seen.Node);

    private static IEnumerable<Trouble> OfFiles(StatusDocument status)
    {
        if (status.Storage is { State: not "ok" } storage)
        {
            yield return new Trouble(
                $"storage:{status.Node}", storage.State == "off" ? Trouble.Warning : Trouble.Error, storage.Since, $"{status.Node} cannot write its file", storage.Detail ?? "",
                storage.State == "off" ? "A newer version's file is left alone: nothing of this node outlives it." : "It goes on serving and tries again each second; the other nodes keep what it knows.") { Node = status.Node };
        }

        if (status.Revision is { Problem: { } problem } revision)
        {
            yield return new Trouble($"revision:{status.Node}:{revision.Number}", Trouble.Error, null, $"{status.Node} does not go by revision {revision.Number}", problem, "It goes on by what was in force before.") { Node = status.Node };
        }

        if (status.Configuration is { Outcome: "refused" } files)
        {
            yield return new Trouble(
                $"refused:{status.Node}", Trouble.Warning, files.At, $"The files of {status.Node} were refused", Trouble.Listed(files.Mistakes), "What was in force before is in force.") { Node = status.Node };
        }

        if (status.Configuration is { NeedStart: { Count: > 0 } keys })
        {
            yield return new Trouble(
                $"need-start:{status.Node}", Trouble.Info, status.Configuration.At, $"{status.Node} needs a new start for what its files say", $"These keys hold for as long as the node runs: {Trouble.Listed(keys.Select(k => k.Key))}.", "What was in force at its start is in force.") { Node = status.Node };
        }

        foreach (StatusDocument.UnusableCertificate certificate in status.Certificates)
        {
            yield return new Trouble($"certificate:{status.Node}:{certificate.Key}", Trouble.Error, certificate.Since, $"The certificate of {certificate.Key} cannot be used at {status.Node}", certificate.Problem, "What was loaded before is in use.") { Node = status.Node };
        }
    }
}
