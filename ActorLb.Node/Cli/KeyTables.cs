using System.Globalization;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Prints ticket keys for people, as wide as they can read it.</summary>
internal static class KeyTables
{
    public static void Print(KeysDocument keys, TextWriter output, int width, bool inColour)
    {
        var table = new TextTable(
            new TextColumn("Key"),
            new TextColumn("State"),
            new TextColumn("Source", 2),
            new TextColumn("Created", 1),
            new TextColumn("Honoured until"),
            new TextColumn("Pools") { Stacks = true });
        foreach (KeysDocument.Key key in keys.Keys)
        {
            table.Add(
                key.Id,
                new TextCell(key.State, key.State == "signing" ? TextColour.Good : TextColour.None),
                key.Source,
                Time(key.CreatedAt),
                Time(key.VerifiesUntil),
                string.Join(", ", key.Pools));
        }

        table.WriteAll(output, width, inColour);
        if (keys.Rotation.State != "none")
        {
            output.WriteLine();
            WrappedText.Write(output, $"rotation to {keys.Rotation.Key}: {keys.Rotation.State}; it waits for {Waits(keys.Rotation)}", width);
        }
    }

    public static string Waits(KeysDocument.Progress rotation) => rotation.WaitsFor.Count == 0
        ? "its next step"
        : string.Join(", ", rotation.WaitsFor.Select(w => $"{w.Node} ({w.Reason}{(w.Until is null ? "" : $", at most until {Time(w.Until)}")})"));

    private static string Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";
}
