using System.Reflection;

namespace ActorLb.Bench.Http1.Corpus;

/// <summary>
/// Reads the corpora, which feed tests and fuzzers alike. A case is a paragraph: "# " and a sentence, what is
/// expected, and the message in one or more lines, which are put together without anything between them.
/// </summary>
internal static class CorpusReader
{
    private const string Prefix = "Corpora.http1.";

    private static readonly Lazy<CorpusCase[]> Cases = new(() => [.. Read()]);

    public static IReadOnlyList<CorpusCase> All => Cases.Value;

    private static IEnumerable<CorpusCase> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            string file = resource[Prefix.Length..^".txt".Length];
            foreach (string paragraph in reader.ReadToEnd().Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                string[] lines = paragraph.Trim('\n').Split('\n');

                // A paragraph of comments alone speaks of the cases that follow.
                if (!lines.All(l => l.StartsWith('#')))
                {
                    yield return ReadCase(file, lines);
                }
            }
        }
    }

    private static CorpusCase ReadCase(string file, string[] lines) =>
        lines is [['#', ' ', .. var name], var expected, .. var message]
            && (expected.StartsWith("accept ", StringComparison.Ordinal) || expected.StartsWith("reject ", StringComparison.Ordinal))
            && message.Length > 0
                ? new CorpusCase(file, name, expected, CorpusText.ToBytes(string.Concat(message)))
                : throw new FormatException($"{file}: no case: {string.Join('|', lines)}");
}
