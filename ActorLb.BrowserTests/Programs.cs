using ActorLb.ProcessTests;

namespace ActorLb.BrowserTests;

/// <summary>What these tests need beside the SDK, and where the samples were built to.</summary>
internal static class Programs
{
    public static string Chromium => Find("chromium", "CHROMIUM");

    public static string HAProxy => Find("haproxy", "HAPROXY");

    /// <summary>With a compiler: a program of one file is started as it is.</summary>
    public static string Java => Find("java", "JAVA");

    public static string Go => Find("go", "GO", "golang-go");

    /// <summary>Debian's own, which has its packages; PATH may lead to another one.</summary>
    public static string Python => Environment.GetEnvironmentVariable("PYTHON") is null && File.Exists("/usr/bin/python3")
        ? "/usr/bin/python3"
        : Find("python3", "PYTHON", "python3-grpcio");

    /// <summary>Starts a sample from its build output, in the configuration that the tests were built in.</summary>
    public static ActorLbProcess StartSample(string name, Dictionary<string, string> environment, params string[] arguments)
    {
        string configuration = Output.Parent!.Name;
        string assembly = InSample(name, "bin", configuration, Output.Name, name + ".dll");
        return ActorLbProcess.StartProgram("dotnet", environment, [assembly, .. arguments]);
    }

    /// <summary>The path of a file of a sample.</summary>
    public static string InSample(string name, params string[] path) => InRepository(["samples", name, .. path]);

    /// <summary>The path of a file of the repository.</summary>
    public static string InRepository(params string[] path)
    {
        DirectoryInfo? repository = Output;
        while (repository is not null && !File.Exists(Path.Combine(repository.FullName, "ActorLb.sln")))
        {
            repository = repository.Parent;
        }

        return Path.Combine([repository?.FullName ?? throw new InvalidOperationException("the tests do not run within the repository"), .. path]);
    }

    private static DirectoryInfo Output => new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The program at the path in <paramref name="variable"/>, else the one of that name in PATH.</summary>
    private static string Find(string program, string variable, string? package = null)
    {
        string? path = Environment.GetEnvironmentVariable(variable)
            ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
                .Select(folder => Path.Combine(folder, program))
                .FirstOrDefault(File.Exists);
        return path ?? throw new InvalidOperationException(
            $"these tests need {program}, and there is none: 'apt-get install {package ?? program}' on Debian, or its path in {variable}");
    }
}
