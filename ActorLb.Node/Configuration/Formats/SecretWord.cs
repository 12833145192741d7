using System.Text;

namespace ActorLb.Node.Configuration.Formats;

/// <summary>A secret that is a text of the operator's: the admin API's token, a key of tickets.</summary>
internal static class SecretWord
{
    /// <summary>16 random letters and digits are out of reach, whatever the rate.</summary>
    public const int LengthMin = 16;

    /// <summary>16 random hexadecimal digits hold 10 different ones on average, and below 5 less than once in 10^6 times.</summary>
    private const int DifferentMin = 5;

    private const int DifferentStepsMin = 5;

    /// <summary>What is wrong with it, after "the token" or "this key"; null where nothing is. The text itself is never repeated.</summary>
    public static string? Problem(string text) =>
        text.Length < LengthMin ? $"has {text.Length} character{(text.Length == 1 ? "" : "s")}"
        : Patterns.Has(Encoding.UTF8.GetBytes(text), DifferentMin, DifferentStepsMin) ? "is a pattern that could be guessed"
        : null;
}
