using System.CommandLine;
using System.CommandLine.Parsing;
using ActorLb.Node.Configuration;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cli;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <param name="takesInput">Whether one of them may be standard input: of what is read once.</param>
    public static Option<string[]> ConfigurationFiles(bool takesInput)
    {
        var files = new Option<string[]>("--config", "-c")
        {
            Description = "Configuration files (HOCON); later ones override earlier ones." + (takesInput ? " - is standard input." : ""),
            HelpName = "FILE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };

        // An option that takes many values takes a mistyped option for one, too.
        files.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => t.Value.StartsWith('-') && t.Value != ConfigurationText.Input) is { } token)
            {
                result.AddError($"Unrecognized option '{token.Value}' (a file of that name is './{token.Value}').");
            }
            else if (result.Tokens.Count(t => t.Value == ConfigurationText.Input) is var inputs && inputs > (takesInput ? 1 : 0))
            {
                result.AddError(takesInput
                    ? "Standard input (-) can be read once only."
                    : "A node reads its files again while it runs, and cannot read standard input (-) again: give it files.");
            }
        });
        return files;
    }

    private static readonly string[] LevelWords = ["trace", "debug", "information", "warning", "error", "critical", "none"];

    public static Option<LogLevel> Level(LogLevel normally)
    {
        var level = new Option<LogLevel>("--log-level")
        {
            Description = "What is logged: trace, debug, information, warning, error, critical or none.",
            DefaultValueFactory = _ => normally,
            CustomParser = result => ParseLevel(result) ?? default,
        };
        return WithWords(level);
    }

    /// <summary>Null: what the configuration says.</summary>
    public static Option<LogLevel?> LevelIfGiven() => WithWords(new Option<LogLevel?>("--log-level")
    {
        Description = "What is logged, whatever node.log.level says: trace, debug, information, warning, error, critical or none.",
        CustomParser = ParseLevel,
    });

    private static Option<T> WithWords<T>(Option<T> level)
    {
        level.HelpName = "LEVEL";
        level.CompletionSources.Add(_ => LevelWords.Select(w => new System.CommandLine.Completions.CompletionItem(w)));
        return level;
    }

    private static LogLevel? ParseLevel(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Enum.TryParse(text, ignoreCase: true, out LogLevel level) && !char.IsAsciiDigit(text[0]))
        {
            return level;
        }

        result.AddError($"'{text}' is no log level: it is trace, debug, information, warning, error, critical or none.");
        return null;
    }

    /// <summary>Used by demo --processes; not for people.</summary>
    public static Option<bool> ParentPipe() => new("--parent-pipe")
    {
        Description = "End when stdin ends.",
        Hidden = true,
    };

    /// <summary>Null: as wide as the terminal.</summary>
    public static Option<string?> Form()
    {
        var form = new Option<string?>("--output", "-o") { Description = "wide: everything in one row, however long.", HelpName = "wide" };
        form.AcceptOnlyFromAmong("wide");
        return form;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print JSON, as the admin API sent it." };
}
