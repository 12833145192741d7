using ActorLb.Engine.Passwords;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>Keys that name files of users. What they name is opened, once: a file that cannot be used is a mistake at its key. Of one reading.</summary>
internal sealed class UsersFileReader(ConfigurationEnvironment environment)
{
    private readonly Dictionary<string, string?> _problems = new(StringComparer.Ordinal);

    /// <returns>Empty: none is named.</returns>
    public string Read(ConfigurationCursor key)
    {
        string file = key.Text("the path of a file") ?? "";
        if (file.Length > 0 && ProblemOf(file) is { } problem)
        {
            key.Complain(problem, "lines of NAME:HASH as \"htpasswd -B\" writes them, in a file that this process may read");
        }

        return file;
    }

    private string? ProblemOf(string file)
    {
        if (_problems.TryGetValue(file, out string? known))
        {
            return known;
        }

        try
        {
            UsersText.Check(file, environment.ReadFile);
            return _problems[file] = null;
        }
        catch (UsersFileException e)
        {
            return _problems[file] = e.Message;
        }
    }
}
