namespace ActorLb.Tests;

/// <summary>Files of the repository that tests compare the program with.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = Find();

    /// <param name="parts">Of the path, from the repository's root.</param>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "ActorLb.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no ActorLb.sln above {AppContext.BaseDirectory}");
    }
}
