using System.Globalization;

namespace ActorLb.Bench;

/// <summary>Options of one benchmark, each a name and a value behind it.</summary>
internal sealed class CommandOptions(string[] words)
{
    public string Text(string name, string otherwise)
    {
        int at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : otherwise;
    }

    public double Number(string name, double otherwise) =>
        Text(name, "") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public int Whole(string name, int otherwise) => (int)Number(name, otherwise);

    /// <summary>Divided by commas; empty where it is not there.</summary>
    public string[] List(string name) => Text(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}
