using System.CommandLine;

namespace ActorLb.Node.Cli;

/// <summary>A revision on the command line: its number, with @NODE where two sides of a partition gave the same.</summary>
internal static class RevisionArgument
{
    public static Argument<string> Required(string name, string description) => Checked(new Argument<string>(name) { Description = description });

    public static Argument<string?> Optional(string name, string description) =>
        Checked(new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne });

    private static Argument<T> Checked<T>(Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => t.Value.Split('@')[0] is var number && (number.Length == 0 || !number.All(char.IsAsciiDigit))) is { } wrong)
            {
                result.AddError($"'{wrong.Value}' is no revision: it is a number, as history shows it.");
            }
        });
        return argument;
    }
}
