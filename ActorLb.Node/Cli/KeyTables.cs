using System.Globalization;
using ActorLb.Node.Admin;
using Spectre.Console;

namespace ActorLb.Node.Cli;

/// <summary>Prints ticket keys for people.</summary>
internal static class KeyTables
{
    public static void Print(KeysDocument keys, TextWriter output)
    {
        IAnsiConsole console = StatusTables.ConsoleOn(output);
        Table table = StatusTables.Plain("Key", "State", "Source", "Created", "Honoured until", "Pools");
        foreach (KeysDocument.Key key in keys.Keys)
        {
            table.AddRow(
                new Text(key.Id),
                new Text(key.State, key.State == "signing" ? Color.Green : Color.Default),
                new Text(key.Source),
                new Text(Time(key.CreatedAt)),
                new Text(Time(key.VerifiesUntil)),
                new Text(string.Join(", ", key.Pools)));
        }

        console.Write(table);
        if (keys.Rotation.State != "none")
        {
            console.WriteLine($"rotation to {keys.Rotation.Key}: {keys.Rotation.State}; it waits for {Waits(keys.Rotation)}");
        }
    }

    public static string Waits(KeysDocument.Progress rotation) => rotation.WaitsFor.Count == 0
        ? "its next step"
        : string.Join(", ", rotation.WaitsFor.Select(w => $"{w.Node} ({w.Reason}{(w.Until is null ? "" : $", at most until {Time(w.Until)}")})"));

    private static string Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";
}
