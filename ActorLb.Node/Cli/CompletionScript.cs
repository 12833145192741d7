using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;

namespace ActorLb.Node.Cli;

/// <summary>What a shell completes, written from the commands themselves. Where nothing of ours fits, it completes files. Pure.</summary>
internal static class CompletionScript
{
    public static string For(string shell, Command root) => shell switch
    {
        "bash" => Bash(root, ""),
        "zsh" => Bash(root, "autoload -U +X bashcompinit && bashcompinit\n"),
        _ => Fish(root),
    };

    /// <summary>All commands: the words that lead to each, and the command.</summary>
    internal static IEnumerable<(string Path, Command Command)> All(Command command, string path = "") =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => All(c, path.Length == 0 ? c.Name : $"{path} {c.Name}")).Prepend((path, command));

    private static string Bash(Command root, string before)
    {
        var text = new StringBuilder(before);
        text.Append("_actorlb() {\n  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= word i\n");
        text.Append("  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=\"${path:+$path }${COMP_WORDS[i]}\"\n    case \"$word\" in\n");
        text.Append("      ").AppendJoin('|', All(root).Where(c => c.Path.Length > 0).Select(c => $"'{c.Path}'")).Append(") path=$word ;;\n    esac\n  done\n");
        text.Append("  COMPREPLY=()\n  case \"$path $previous\" in\n");
        foreach ((string path, Command command) in All(root))
        {
            foreach (Option option in OptionsOf(command).Where(o => o is not Option<bool> && o.Arity.MaximumNumberOfValues > 0))
            {
                text.Append("    ").AppendJoin('|', NamesOf(option).Select(n => $"'{path} {n}'")).Append(") ");
                text.Append(WordsOf(option) is { Length: > 0 } words ? $"COMPREPLY=($(compgen -W '{string.Join(' ', words)}' -- \"$current\")); " : "").Append("return ;;\n");
            }
        }

        text.Append("  esac\n  case \"$path\" in\n");
        foreach ((string path, Command command) in All(root))
        {
            IEnumerable<string> words = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)
                .Concat(command.Arguments.SelectMany(WordsOf))
                .Concat(OptionsOf(command).SelectMany(NamesOf));
            text.Append("    '").Append(path).Append("') COMPREPLY=($(compgen -W '").AppendJoin(' ', words).Append("' -- \"$current\")) ;;\n");
        }

        return text.Append("  esac\n}\ncomplete -o default -F _actorlb actorlb\n").ToString();
    }

    private static string Fish(Command root)
    {
        var text = new StringBuilder("complete -c actorlb -e\n");
        foreach ((string path, Command command) in All(root))
        {
            string[] words = path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string seen = string.Join("; and ", words.Select(w => $"__fish_seen_subcommand_from {w}"));
            string[] below = [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
            foreach (Command sub in command.Subcommands.Where(c => !c.Hidden))
            {
                string when = $"{(seen.Length == 0 ? "" : seen + "; and ")}not __fish_seen_subcommand_from {string.Join(' ', below)}";
                text.Append("complete -c actorlb -f -n '").Append(when).Append("' -a ").Append(sub.Name).Append(" -d ").Append(Quoted(sub.Description)).Append('\n');
            }

            foreach (Option option in OptionsOf(command))
            {
                text.Append("complete -c actorlb").Append(seen.Length == 0 ? "" : $" -n '{seen}'");
                foreach (string name in NamesOf(option))
                {
                    text.Append(name.StartsWith("--", StringComparison.Ordinal) ? " -l " : " -s ").Append(name.TrimStart('-'));
                }

                bool takesValue = option is not Option<bool> && option.Arity.MaximumNumberOfValues > 0;
                text.Append(WordsOf(option) is { Length: > 0 } among ? $" -x -a '{string.Join(' ', among)}'" : takesValue ? " -r" : "");
                text.Append(" -d ").Append(Quoted(option.Description)).Append('\n');
            }

            foreach (string word in command.Arguments.SelectMany(WordsOf))
            {
                text.Append("complete -c actorlb -f -n '").Append(seen).Append("' -a ").Append(word).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Option> OptionsOf(Command command) => command.Options.Where(o => !o.Hidden);

    private static IEnumerable<string> NamesOf(Option option) => option.Aliases.Prepend(option.Name).Where(n => n.StartsWith('-')).Distinct();

    private static string[] WordsOf(Symbol symbol) => symbol is Option<bool> ? [] : [.. symbol.GetCompletions(CompletionContext.Empty).Select(c => c.Label).Where(l => l.All(char.IsAsciiLetterOrDigit))];

    // The first sentence.
    private static string Quoted(string? description) =>
        "'" + (description ?? "").Split(". ", 2)[0].TrimEnd('.').Replace("'", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal) + "'";
}
