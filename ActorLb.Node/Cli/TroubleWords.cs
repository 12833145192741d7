using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>What is wrong, in the same words wherever a terminal shows it. Pure.</summary>
internal static class TroubleWords
{
    public const string Well = "WELL: nothing is wrong";

    /// <summary>How much it matters, in one word.</summary>
    public static string ConditionOf(Trouble trouble) => trouble.Severity switch
    {
        Trouble.Error => "WRONG",
        Trouble.Warning => "LOOK",
        _ => "meant",
    };

    /// <summary>What, since when, why, and what is done about it.</summary>
    /// <param name="moment">Since when, for who reads it.</param>
    /// <param name="more">How many others there are; empty: they are told as well.</param>
    public static string Sentence(Trouble trouble, DateTimeOffset now, Func<DateTimeOffset, string> moment, string more = "")
    {
        string since = trouble.Since is { } at ? $", for {StatusWords.Span(now - at)}, since {moment(at)}" : "";
        return $"{ConditionOf(trouble)}: {trouble.Title}{since}{more}. {trouble.Why} {trouble.Done}".TrimEnd();
    }

    /// <summary>What people meant to be so; empty: nothing is.</summary>
    public static string Meant(IReadOnlyCollection<Trouble> meant) => meant.Count == 0 ? ""
        : $"{meant.Count} {(meant.Count == 1 ? "thing is" : "things are")} meant so: {Trouble.Listed(meant.Select(t => t.Title))}";
}
