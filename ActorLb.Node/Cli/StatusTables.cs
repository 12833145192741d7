using System.Globalization;
using ActorLb.Node.Admin;
using Spectre.Console;

namespace ActorLb.Node.Cli;

/// <summary>Prints a status document for people.</summary>
public static class StatusTables
{
    /// <summary>Wide enough for a row, where there is no terminal to ask.</summary>
    private const int WidthOfNoTerminal = 200;

    public static void Print(StatusDocument status, TextWriter output, DateTimeOffset now)
    {
        IAnsiConsole console = ConsoleOn(output);
        console.MarkupLineInterpolated($"[bold]{status.Node}[/] (actorlb {status.Version}) of the cluster {status.Cluster}, {status.Sessions.Count} sessions");
        if (status.Storage.State != "ok")
        {
            console.MarkupLineInterpolated($"[red]storage {status.Storage.State}[/]: {status.Storage.Detail}; unwritten for {status.Storage.UnwrittenSeconds} s");
        }

        console.Write(Members(status));
        foreach (StatusDocument.Pool pool in status.Pools)
        {
            console.MarkupLineInterpolated($"pool [bold]{pool.Name}[/]");
            console.Write(Backends(pool, now));
        }
    }

    /// <summary>With colours where there is a terminal.</summary>
    internal static IAnsiConsole ConsoleOn(TextWriter output)
    {
        var target = new AnsiConsoleOutput(output);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = target,
            Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = target.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!target.IsTerminal)
        {
            console.Profile.Width = WidthOfNoTerminal;
        }

        return console;
    }

    private static Table Members(StatusDocument status)
    {
        Table table = Plain("Node", "Address", "Status", "");
        foreach (StatusDocument.Member member in status.Members)
        {
            table.AddRow(
                new Text(member.Name),
                new Text(member.Address),
                member switch
                {
                    { Reachable: false } => new Text($"{member.Status}, unreachable", Color.Red),
                    { ClockIsWrong: true, ClockAheadSeconds: { } ahead } => new Text(
                        string.Create(CultureInfo.InvariantCulture, $"{member.Status}, its clock is {Math.Abs(ahead)} s {(ahead > 0 ? "ahead" : "behind")}"), Color.Red),
                    _ => new Text(member.Status, member.Status == "up" ? Color.Green : Color.Yellow),
                },
                new Text(member.Counted ? "" : "not in the counts of requests in flight and tunnels"));
        }

        return table;
    }

    private static Table Backends(StatusDocument.Pool pool, DateTimeOffset now)
    {
        Table table = Plain("Backend", "Address", "Weight", "State", "Since", "Operator", "In flight", "Tunnels", "Requests", "Failures", "Sessions", "Verdicts");
        foreach (int right in (ReadOnlySpan<int>)[2, 6, 7, 8, 9, 10])
        {
            table.Columns[right].RightAligned();
        }

        foreach (StatusDocument.Backend backend in pool.Backends)
        {
            table.AddRow(
                new Text(backend.Id),
                new Text(backend.Address),
                Number(backend.Weight),
                new Text(backend.State, backend.State switch { "up" => Color.Green, "down" => Color.Red, _ => Color.Yellow }),
                new Text(Ago(now - backend.Since)),
                new Text(Operator(backend, now), backend.Operator == "ready" ? Style.Plain : new Style(Color.Yellow)),
                Number(backend.InFlight),
                Number(backend.Tunnels),
                Number(backend.Requests),
                Number(backend.Failures),
                Number(backend.Sessions),
                new Text(string.Join(", ", backend.Verdicts.Select(v => $"{v.Node}: {(v.Healthy ? "up" : "down")} ({v.Detail})"))));
        }

        return table;
    }

    internal static Table Plain(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        return table;
    }

    private static string Operator(StatusDocument.Backend backend, DateTimeOffset now) =>
        backend.DrainOver ? "draining, deadline passed"
        : backend.DrainDeadline is { } deadline ? $"{backend.Operator}, {Ago(deadline - now)} left"
        : backend.Operator;

    private static Text Number(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    private static string Ago(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => $"{span.Seconds}s",
        { TotalHours: < 1 } => $"{span.Minutes}m{span.Seconds}s",
        { TotalDays: < 1 } => $"{span.Hours}h{span.Minutes}m",
        _ => $"{(int)span.TotalDays}d{span.Hours}h",
    };
}
