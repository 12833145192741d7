using System.Diagnostics;

namespace ActorLb.Node.Cli;

/// <summary>How to start this program once more.</summary>
/// <param name="Prefix">Arguments before our own: the assembly, where the program is the dotnet host.</param>
public sealed record SelfCommand(string Program, params string[] Prefix)
{
    public static SelfCommand OfThisProcess()
    {
        string program = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new SelfCommand(program, typeof(SelfCommand).Assembly.Location)
            : new SelfCommand(program);
    }

    /// <summary>Its stdin is a pipe that we hold; its output is ours.</summary>
    public ProcessStartInfo Start(IEnumerable<string> arguments) =>
        new(Program, [.. Prefix, .. arguments]) { RedirectStandardInput = true, UseShellExecute = false };

    /// <summary>The same as a line for a shell, as short as it can be said from the current directory.</summary>
    public string Line(params IEnumerable<string> arguments) =>
        string.Join(' ', new[] { Shorter(Program) }.Concat(Prefix.Select(Shorter)).Concat(arguments).Select(Quoted));

    private static string Shorter(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return path;
        }

        if (Path.GetFileNameWithoutExtension(path) == "dotnet")
        {
            return "dotnet";
        }

        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        if (!relative.Contains(Path.DirectorySeparatorChar))
        {
            relative = Path.Combine(".", relative);
        }

        return relative.Length < path.Length ? relative : path;
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@\\".Contains(c)) ? word : $"\"{word}\"";
}
