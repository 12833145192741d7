using System.Text;

namespace ActorLb.Engine.Filters;

/// <summary>An answer that a route gives itself, or what it adds to a refusal. Immutable.</summary>
/// <param name="Status">0: that of the refusal's reason.</param>
/// <param name="Lines">Field lines with their ends, Content-Type among them where there is one; all of them well-formed.</param>
/// <param name="Body">Null: that of the refusal.</param>
internal sealed record RouteAnswer(int Status, byte[] Lines, byte[]? Body)
{
    /// <param name="fields">Names and values; values without CR and LF.</param>
    public static byte[] LinesOf(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in fields)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
