namespace ActorLb.Node.Admin;

/// <summary>Something that an operator should know of, in words.</summary>
/// <param name="Key">The same for as long as it lasts.</param>
/// <param name="Severity">error: somebody is or may be served badly; warning: somebody should look; info: it is meant to be so.</param>
/// <param name="Since">When it began; null: that is not known.</param>
/// <param name="Title">What is wrong.</param>
/// <param name="Why">How that is known, and what the cause is as far as that goes.</param>
/// <param name="Done">What the balancer does about it.</param>
public sealed record Trouble(string Key, string Severity, DateTimeOffset? Since, string Title, string Why, string Done)
{
    public const string Error = "error";
    public const string Warning = "warning";
    public const string Info = "info";

    public string Why { get; init; } = Ended(Why);

    public string Done { get; init; } = Ended(Done);

    public string? Pool { get; init; }

    public string? Backend { get; init; }

    public string? Node { get; init; }

    /// <summary>a, b and c; of many the first, and how many more.</summary>
    internal static string Listed(IEnumerable<string> names)
    {
        const int Told = 4;
        string[] all = [.. names];
        return all.Length switch
        {
            0 => "nobody",
            1 => all[0],
            <= Told => $"{string.Join(", ", all[..^1])} and {all[^1]}",
            _ => $"{string.Join(", ", all[..Told])} and {all.Length - Told} more",
        };
    }

    /// <summary>With a full stop, where it ends without: what others said is put together with sentences.</summary>
    internal static string Ended(string text) => text is not { Length: > 0 } || text[^1] is '.' or '!' or '?' ? text : $"{text}.";

    internal static string Counted(long count, string one, string? many = null) => $"{count} {(count == 1 ? one : many ?? one + "s")}";
}
