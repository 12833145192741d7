using System.Globalization;
using System.Text.RegularExpressions;
using ActorLb.Engine.Failures;
using Xunit;

namespace ActorLb.Tests.Failures;

public sealed partial class FailurePageTests
{
    [Fact]
    public void The_page_of_failures_has_every_reason_with_its_status_and_no_other()
    {
        string page = File.ReadAllText(RepositoryFiles.PathOf("docs", "failures.md"));
        IEnumerable<string> told = Row().Matches(page).Select(r => $"{r.Groups[1].Value} {r.Groups[2].Value}");

        IEnumerable<string> known = Enum.GetValues<FailureReason>()
            .Where(r => r is not (FailureReason.None or FailureReason.AnsweredByRoute))
            .Select(FailureAnswer.Of)
            .Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Status} {a.Name}"));

        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| (\d+) \| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
