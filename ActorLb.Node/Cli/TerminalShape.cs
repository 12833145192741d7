using System.Globalization;

namespace ActorLb.Node.Cli;

/// <summary>What the terminal shows.</summary>
/// <param name="Width">In characters; the greatest number where there is no terminal, and so no end of a line.</param>
/// <param name="InColour">It understands ECMA-48's colours, and they are wanted.</param>
internal sealed record TerminalShape(int Width, bool InColour)
{
    /// <summary>Somebody looks at it: a line may be drawn again.</summary>
    public bool IsInteractive { get; init; }

    private const int Narrowest = 20;

    /// <param name="variable">Of the environment: COLUMNS says how wide it is where output goes elsewhere (watch sets it), NO_COLOR and TERM whether colours are wanted.</param>
    public static TerminalShape OfThisProcess(Func<string, string?> variable)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        int width = int.TryParse(variable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns >= Narrowest ? columns
            : isTerminal && WindowWidth() is var shown and >= Narrowest ? shown
            : int.MaxValue;
        return new TerminalShape(width, isTerminal && WantsColour(variable))
        {
            IsInteractive = isTerminal,
        };
    }

    /// <summary>Whether colours are wanted where somebody looks (no-color.org).</summary>
    public static bool WantsColour(Func<string, string?> variable) => string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") is not "dumb";

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
