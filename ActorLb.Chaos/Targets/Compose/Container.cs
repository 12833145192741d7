using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Compose;

/// <summary>A container of a service, as the engine knows it now.</summary>
/// <param name="Name">With the service and its number, as in actorlb-lb-1.</param>
/// <param name="Address">IPv4; empty while it has no network.</param>
/// <param name="Process">Of its first process; 0 while it does not run.</param>
internal sealed record Container(string Id, string Name, string Address, int Process)
{
    private const string Format = "{{.Id}} {{.Name}} {{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

    /// <summary>All of a service, those that do not run included, in the order of their numbers.</summary>
    public static async Task<Container[]> ListAsync(string service)
    {
        string[] ids = (await ChildProcess.RunAsync("docker", "compose", "ps", "--all", "--quiet", service)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length == 0)
        {
            return [];
        }

        string text = await ChildProcess.RunAsync("docker", ["inspect", "--format", Format, .. ids]);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OrderBy(c => c.Name.Length).ThenBy(c => c.Name, StringComparer.Ordinal)];
    }

    private static Container Parse(string line)
    {
        string[] words = line.Split(' ');
        return new Container(words[0], words[1].TrimStart('/'), words.ElementAtOrDefault(3) ?? "", int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture));
    }
}
