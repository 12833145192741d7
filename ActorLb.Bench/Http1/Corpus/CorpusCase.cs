using System.Text.RegularExpressions;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>One message of a corpus and what is to become of it.</summary>
/// <param name="File">Without folder and ending.</param>
/// <param name="Name">One sentence, unique in its file.</param>
/// <param name="Expected">"reject NAME", or "accept" and what the message means.</param>
internal sealed partial record CorpusCase(string File, string Name, string Expected, byte[] Bytes)
{
    public bool IsRequest => File.StartsWith("requests", StringComparison.Ordinal);

    public bool IsAccepted => Expected.StartsWith("accept ", StringComparison.Ordinal);

    /// <summary>Every "key=value" and "key="value"" in what is expected.</summary>
    public IEnumerable<KeyValuePair<string, string>> Facts =>
        Fact().Matches(Expected).Select(m => KeyValuePair.Create(m.Groups[1].Value, m.Groups[2].Value.Trim('"')));

    /// <summary>The value of a key; null where it is not there.</summary>
    public string? this[string key] => Facts.FirstOrDefault(f => f.Key == key).Value;

    public bool Says(string word) => Expected.Split(' ').Contains(word);

    public override string ToString() => $"{File}: {Name}";

    [GeneratedRegex("""(?<= )([A-Za-z0-9-]+)=("[^"]*"|[^ "]*)(?= |$)""")]
    private static partial Regex Fact();
}
