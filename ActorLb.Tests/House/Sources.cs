using System.Text.RegularExpressions;

namespace ActorLb.Tests.House;

/// <summary>One file of a project.</summary>
/// <param name="Folder">Below the project, with dots between; empty for the project's own.</param>
internal sealed record Source(string Path, string Folder, string Text);

/// <summary>The sources of a project, as they are written.</summary>
internal static partial class Sources
{
    public static IReadOnlyList<Source> Of(string project)
    {
        string root = RepositoryFiles.PathOf(project);
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(path => (Path: path, Below: System.IO.Path.GetRelativePath(root, path).Split(System.IO.Path.DirectorySeparatorChar)))
                .Where(f => f.Below[0] is not ("bin" or "obj"))
                .Select(f => new Source(f.Path, string.Join('.', f.Below[..^1]), File.ReadAllText(f.Path))),
        ];
    }

    /// <summary>The folders of its own project that a file names: by using them, or by a whole name.</summary>
    public static IEnumerable<string> FoldersIn(string text, string project, IReadOnlySet<string> folders)
    {
        foreach (Match match in Whole().Matches(text).Where(m => m.Value.StartsWith($"{project}.", StringComparison.Ordinal)))
        {
            // The longest folder that is in the name: what follows are types and members.
            string name = match.Value[(project.Length + 1)..];
            while (!folders.Contains(name) && name.Length > 0)
            {
                name = name[..Math.Max(name.LastIndexOf('.'), 0)];
            }

            if (name.Length > 0)
            {
                yield return name;
            }
        }
    }

    public static string? NamespaceIn(string text) => Declared().Match(text) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex(@"\bActorLb(\.\w+)+")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Declared();
}
