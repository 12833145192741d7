using System.Globalization;

namespace ActorLb.Node.Nodes;

/// <summary>The descriptors of this process: how many it has, and how many it may have.</summary>
/// <param name="Limit">The runtime has raised the soft limit to the hard one when it began.</param>
internal readonly record struct OpenFiles(long Limit, int Used)
{
    private const string LimitName = "Max open files";

    /// <summary>Null where the system does not tell (man 5 proc).</summary>
    public static OpenFiles? OfThisProcess()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(LimitName, StringComparison.Ordinal));
            string? soft = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return soft switch
            {
                null => null,
                "unlimited" => new OpenFiles(long.MaxValue / 2, 0),
                _ => new OpenFiles(long.Parse(soft, CultureInfo.InvariantCulture), Directory.GetFiles("/proc/self/fd").Length),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
