using Spectre.Console;

namespace ActorLb.Node.Top;

/// <summary>The terminal, as what is drawn needs it: a screen and keys.</summary>
internal sealed record TopTerminal
{
    /// <summary>Opens the screen; whether colours are wanted.</summary>
    public required Func<bool, IAnsiConsole> Open { get; init; }

    /// <summary>Waits for a key; null: nobody can press one.</summary>
    public required Func<ConsoleKeyInfo>? ReadKey { get; init; }

    public static TopTerminal OfThisProcess { get; } = new()
    {
        Open = inColour => AnsiConsole.Create(new AnsiConsoleSettings
        {
            ColorSystem = inColour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(Console.Out),
        }),
        ReadKey = Console.IsInputRedirected ? null : static () => Console.ReadKey(intercept: true),
    };
}
