using ActorLb.Node.Configuration;

namespace ActorLb.Node.Admin;

/// <summary>
/// Several files in one text: each after a line <c>#file: NAME</c>, which to HOCON is a remark, so that mistakes name the file and
/// its own lines. Without such a line it is one text.
/// </summary>
internal static class TopologyParts
{
    /// <summary>How a text without a name is called in mistakes.</summary>
    public const string Unnamed = "topology";

    private const string Mark = "#file: ";
    private const int NameMax = 256;

    public static string Join(IEnumerable<ConfigurationText> files) =>
        string.Concat(files.Select(f => $"{Mark}{f.Name.ReplaceLineEndings(" ")}\n{f.Hocon}{(f.Hocon.EndsWith('\n') ? "" : "\n")}"));

    public static IReadOnlyList<ConfigurationText> Split(string text)
    {
        if (!text.StartsWith(Mark, StringComparison.Ordinal))
        {
            return [new ConfigurationText(Unnamed, text)];
        }

        return
        [
            .. ("\n" + text).Split("\n" + Mark).Skip(1).Select(part =>
            {
                string[] lines = part.Split('\n', 2);
                string name = new([.. lines[0].Trim().Where(c => !char.IsControl(c)).Take(NameMax)]);
                return new ConfigurationText(name.Length == 0 ? Unnamed : name, lines.Length == 2 ? lines[1] : "");
            }),
        ];
    }
}
