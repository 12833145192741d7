using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Prints what is told of sessions for people, as wide as they can read it.</summary>
internal static class SessionTables
{
    public static void Print(SessionsDocument sessions, TextWriter output, int width, bool inColour)
    {
        var leftOut = new List<string>();
        foreach (SessionsDocument.Pool pool in sessions.Pools)
        {
            output.WriteLine($"pool {pool.Name}, {Number(pool.Sessions)} session{(pool.Sessions == 1 ? "" : "s")}");
            if (pool.Backends.Count > 0)
            {
                leftOut.AddRange(Backends(pool).Write(output, width, inColour));
            }

            output.WriteLine();
        }

        WrappedText.Write(output, Counted(sessions), width);
        if (leftOut.Count > 0)
        {
            WrappedText.Write(output, $"left out: {string.Join(", ", leftOut.Distinct()).ToLowerInvariant()} (-o wide)", width);
        }
    }

    public static void Print(SessionDocument session, TextWriter output, int width, bool inColour)
    {
        WrappedText.Write(output, Sentence(session), width);
        output.WriteLine();
        var table = new TextTable(
            new TextColumn("Node") { Shrinks = true },
            new TextColumn("Knows it"),
            new TextColumn("Backend") { Shrinks = true },
            new TextColumn("Version", 2) { IsRight = true },
            new TextColumn("Used", 1) { IsRight = true },
            new TextColumn("Word", 3));
        foreach (SessionDocument.AtNode node in session.Nodes)
        {
            table.Add(
                node.Node,
                new TextCell(node.Knows, node.Knows switch { "same" => TextColour.Good, "no" => TextColour.None, _ => TextColour.Warning }),
                node.Backend ?? "",
                node.Version?.ToString(CultureInfo.InvariantCulture) ?? "",
                node.LastUsed is { } used ? Ago(session.Time - used) : "",
                node.Version is null ? "" : node.Replicated ? "all nodes'" : "its own");
        }

        table.WriteAll(output, width, inColour);
    }

    public static string Sentence(SessionDecisionDocument decided) => decided switch
    {
        { Outcome: "ended" } => $"session {decided.Id} of {decided.Pool} is ended{(decided.From is null ? "" : $"; it lived at {decided.From}")}",
        { Outcome: "moved" } => $"session {decided.Id} of {decided.Pool} lives at {decided.Backend} now{(decided.From is null ? "" : $", no longer at {decided.From}")}",
        { Backend: null } => $"session {decided.Id} of {decided.Pool} was ended already",
        _ => $"session {decided.Id} of {decided.Pool} lives at {decided.Backend} already",
    };

    private static string Sentence(SessionDocument session)
    {
        string name = $"session {session.Id} of {session.Pool}";
        string used = Ago(session.Time - session.LastUsed);
        if (session.State == "ended")
        {
            return $"{name} was ended {used}";
        }

        string where = session.Backend is null ? "lives at what is no backend any more, and moves when its client comes" : $"lives at {session.Backend} ({session.Address})";
        string since = session.LivesThereSince is { } at ? $", for {StatusWords.Span(session.Time - at)} at least" : "";
        string moves = session.Version > 1 ? string.Create(CultureInfo.InvariantCulture, $", version {session.Version}") : "";
        string word = session.Word is "ticket" or "cookie" ? "; only its cookie says so" : "";
        return $"{name} {where}{since}{moves}; last used {used}{word}{(session.InForce ? "; so at all nodes" : "; not so at all nodes")}";
    }

    private static TextTable Backends(SessionsDocument.Pool pool)
    {
        var table = new TextTable(
            new TextColumn("Backend") { Shrinks = true },
            new TextColumn("Sessions") { IsRight = true },
            new TextColumn("To move") { IsRight = true },
            new TextColumn("New") { IsRight = true },
            new TextColumn("Adopted", 2) { IsRight = true },
            new TextColumn("Moved") { IsRight = true },
            new TextColumn("Expired", 1) { IsRight = true },
            new TextColumn("Ended", 1) { IsRight = true },
            new TextColumn("Moved because") { Stacks = true },
            new TextColumn("Address") { Stacks = true });
        foreach (SessionsDocument.Backend backend in pool.Backends)
        {
            SessionsDocument.Events events = backend.LastMinute;
            table.Add(
                backend.Id,
                Number(backend.Sessions),
                backend.SessionsToMove > 0 ? Number(backend.SessionsToMove) : "",
                Number(events.Began),
                Number(events.Adopted),
                Number(events.Moved.All),
                Number(events.Expired),
                Number(events.Ended),
                Reasons(events.Moved),
                backend.Address ?? "no backend any more");
        }

        return table;
    }

    private static string Reasons(SessionsDocument.Moves moves) => string.Join(", ", new[]
    {
        (moves.Down, "down"), (moves.Maintenance, "maintenance"), (moves.Drained, "drained"), (moves.Removed, "removed"), (moves.Unreachable, "unreachable"), (moves.Operator, "operator"),
    }.Where(m => m.Item1 > 0).Select(m => $"{m.Item2} {Number(m.Item1)}"));

    private static string Counted(SessionsDocument sessions)
    {
        string young = string.Join(", ", sessions.Counted.Where(c => c.Seconds < 55).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Node} for {c.Seconds:0} s")));
        return $"new to ended: in the last minute, over {string.Join(", ", sessions.Counted.Select(c => c.Node))}{(young.Length == 0 ? "" : $" (counts: {young})")}";
    }

    private static string Ago(TimeSpan span) => $"{StatusWords.Span(span)} ago";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
