using System.Text.RegularExpressions;
using ActorLb.Node.Events;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed partial class EventDocumentationTests
{
    [Fact]
    public void Each_kind_is_documented_with_its_severity_and_nothing_else_is()
    {
        IEnumerable<string> documented = Row().Matches(File.ReadAllText(RepositoryFiles.PathOf("docs", "events.md"))).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}");
        Assert.Equal(EventKinds.All.Select(r => $"{r.Name} {EventKinds.NameOf(r.Severity)}"), documented);
    }

    [GeneratedRegex(@"^\| `([a-z]+\.[a-z-]+)` \| (info|warning|error) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
