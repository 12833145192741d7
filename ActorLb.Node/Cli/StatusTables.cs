using System.Globalization;
using ActorLb.Engine.Health;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Prints a status document for people, as wide as they can read it.</summary>
internal static class StatusTables
{
    /// <param name="width">Of the terminal, in characters; beyond all of them everything is in one row.</param>
    /// <param name="inColour">States are coloured.</param>
    public static void Print(StatusDocument status, TextWriter output, int width, bool inColour)
    {
        output.WriteLine(
            $"{status.Node} (actorlb {status.Version}) of the cluster {status.Cluster}, {Counted(status.Sessions.Count, "session")}{(status.Members.Count == 0 ? "; starting, no members yet" : "")}");
        if (status.Troubles is { } troubles)
        {
            Told(troubles, status.Time, output, width, inColour);
        }
        else if (status.Storage.State != "ok")
        {
            string storage = string.Create(
                CultureInfo.InvariantCulture, $"storage {status.Storage.State}: {status.Storage.Detail}; unwritten for {status.Storage.UnwrittenSeconds} s");
            WrappedText.Write(output, storage, width);
        }

        foreach (string note in StatusWords.NotesOn(status.Configuration, status.Revision))
        {
            WrappedText.Write(output, note, width);
        }

        if (status.Troubles is null)
        {
            foreach (string note in StatusWords.NotesOfEarlier(status))
            {
                WrappedText.Write(output, note, width);
            }
        }

        var leftOut = new List<string>();
        if (status.Members.Count > 0)
        {
            output.WriteLine();
            leftOut.AddRange(Members(status).Write(output, width, inColour));
        }

        foreach (StatusDocument.Pool pool in status.Pools)
        {
            output.WriteLine();
            output.WriteLine($"pool {pool.Name}");
            foreach (string note in StatusWords.NotesOn(pool, status.Time))
            {
                WrappedText.Write(output, note, width);
            }

            if (pool.Backends.Count == 0)
            {
                output.WriteLine("no backends: its names lead nowhere yet, or they were removed");
                continue;
            }

            leftOut.AddRange(Backends(pool, status.Time).Write(output, width, inColour));
        }

        output.WriteLine();
        WrappedText.Write(output, $"of all nodes: sessions, to move, in flight, tunnels; of {status.Node} alone, since its start: failures, requests", width);
        if (leftOut.Count > 0)
        {
            WrappedText.Write(output, $"left out: {string.Join(", ", leftOut.Distinct()).ToLowerInvariant()} (-o wide)", width);
        }

        Advise(status, output, width);
    }

    // Most important first, and what people meant behind all.
    private static void Told(IReadOnlyList<Trouble> troubles, DateTimeOffset now, TextWriter output, int width, bool inColour)
    {
        Trouble[] wrong = [.. troubles.Where(t => t.Severity is Trouble.Error or Trouble.Warning)];
        foreach (Trouble trouble in wrong)
        {
            string said = TroubleWords.Sentence(trouble, now, at => $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
            string word = TroubleWords.ConditionOf(trouble);
            WrappedText.Write(output, TextPaint.Paint(word, trouble.Severity == Trouble.Error ? TextColour.Bad : TextColour.Warning, inColour) + said[word.Length..], width);
        }

        if (wrong.Length == 0)
        {
            output.WriteLine(TextPaint.Paint(TroubleWords.Well, TextColour.Good, inColour));
        }

        if (wrong.Length < troubles.Count)
        {
            WrappedText.Write(output, TroubleWords.Meant([.. troubles.Except(wrong)]), width);
        }
    }

    // What a setting can mend is told once for each pool, however many of its backends fail so.
    private static void Advise(StatusDocument status, TextWriter output, int width)
    {
        string[] advice = [.. status.Pools.SelectMany(p => p.Backends
            .Where(b => b.State == "down")
            .SelectMany(b => b.Verdicts.Where(v => !v.Healthy))
            .Select(v => ProbeAdvice.For(p.Name, v.Detail))
            .Where(a => a.Length > 0)
            .Distinct())];
        if (advice.Length > 0)
        {
            output.WriteLine();
            foreach (string line in advice)
            {
                WrappedText.Write(output, line, width);
            }
        }
    }

    private static TextTable Members(StatusDocument status)
    {
        var table = new TextTable(
            new TextColumn("Status"),
            new TextColumn("Node") { Shrinks = true },
            new TextColumn("Address", 1),
            new TextColumn("Note") { Stacks = true });
        foreach (StatusDocument.Member member in status.Members)
        {
            bool isWell = member is { Status: "up", Reachable: true };
            table.Add(
                new TextCell(member.Reachable ? member.Status : $"{member.Status}, unreachable", isWell ? TextColour.Good : member.Reachable ? TextColour.Warning : TextColour.Bad),
                member.Name,
                member.Address,
                string.Join("; ", StatusWords.NotesOn(member)));
        }

        return table;
    }

    private static TextTable Backends(StatusDocument.Pool pool, DateTimeOffset now)
    {
        var table = new TextTable(
            new TextColumn("State"),
            new TextColumn("Backend") { Shrinks = true },
            new TextColumn("Operator"),
            new TextColumn("Sessions") { IsRight = true },
            new TextColumn("To move") { IsRight = true },
            new TextColumn("In flight") { IsRight = true },
            new TextColumn("Tunnels", 1) { IsRight = true },
            new TextColumn("Since", 2) { IsRight = true },
            new TextColumn("Failures", 3) { IsRight = true },
            new TextColumn("Requests", 4) { IsRight = true },
            new TextColumn("Weight", 5) { IsRight = true },
            new TextColumn("Address") { Stacks = true },
            new TextColumn("Changed") { Stacks = true },
            new TextColumn("Notes") { Stacks = true },
            new TextColumn("Verdicts") { Stacks = true });
        foreach (StatusDocument.Backend backend in pool.Backends)
        {
            table.Add(
                new TextCell(backend.State, backend.State switch { "up" => TextColour.Good, "down" => TextColour.Bad, _ => TextColour.Warning }),
                backend.Id,
                new TextCell(StatusWords.Operator(backend, now), backend.Operator == "ready" ? TextColour.None : TextColour.Warning),
                Number(backend.Sessions),
                backend.SessionsToMove > 0 ? Number(backend.SessionsToMove) : "",
                Number(backend.InFlight),
                Number(backend.Tunnels),
                StatusWords.Span(now - backend.Since),
                Number(backend.Failures),
                Number(backend.Requests),
                Number(backend.Weight),
                backend.Address,
                StatusWords.Overlay(backend),
                string.Join("; ", StatusWords.NotesOn(backend, now)),
                StatusWords.Verdicts(backend));
        }

        return table;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Counted(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
