using System.Net;
using System.Text;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Both lanes are asked the same, and what client and backend see of it is compared to the octet.</summary>
public sealed class SameQuestionsTests
{
    private const int QuestionsMin = 300;

    /// <summary>Lines of one lane that the other one does not have are shown up to here.</summary>
    private const int LineShown = 200;

    private static readonly Question[] Questions = [.. RequestQuestions.All, .. AnswerQuestions.All];

    private static readonly KnownDifference[] Known =
    [
        // The event loops hand an end on; the other lane closes a tunnel as a whole.
        new("a backend that ends its side of a tunnel", (question, epoll, kestrel) =>
            question.After == AfterAnswer.Tunnels && epoll is ["backend: [NEXT\r\n\r\nlate]"] && kestrel is ["backend: [NEXT\r\n\r\n]"]),
    ];

    [Fact]
    public void No_question_is_asked_twice()
    {
        Assert.True(Questions.Length >= QuestionsMin, $"{Questions.Length} questions");
        Assert.Empty(Questions.GroupBy(q => q).Where(g => g.Count() > 1).Select(g => g.Key.ToString()));
    }

    [Fact]
    public async Task Each_known_difference_stands_in_the_page_about_lanes()
    {
        string page = await File.ReadAllTextAsync(RepositoryFiles.PathOf("docs", "lanes.md"));
        Assert.All(Known, d => Assert.Contains($"| {d.Row} |", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_lanes_answer_alike_or_by_a_known_difference(bool trusting)
    {
        LaneOptions options = trusting
            ? new LaneOptions { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")], Via = true, RetryAttempts = 0 }
            : new LaneOptions { Sticky = false, RetryAttempts = 0 };
        await using QuestionedLane epoll = await QuestionedLane.StartAsync(ListenerEngine.Epoll, options);
        await using QuestionedLane kestrel = await QuestionedLane.StartAsync(ListenerEngine.Kestrel, options);
        var met = new HashSet<KnownDifference>();
        var unknown = new StringBuilder();
        foreach (Question question in Questions)
        {
            Task<IReadOnlyList<string>> asked = epoll.AskAsync(question);
            IReadOnlyList<string> ofKestrel = await kestrel.AskAsync(question);
            IReadOnlyList<string> ofEpoll = await asked;
            if (ofEpoll.Concat(ofKestrel).Contains($"client: {AnswerReading.NoEnd}"))
            {
                unknown.Append(question).AppendLine(" has no end");
            }

            if (ofEpoll.SequenceEqual(ofKestrel))
            {
                continue;
            }

            string[] epollAlone = Without(ofEpoll, ofKestrel);
            string[] kestrelAlone = Without(ofKestrel, ofEpoll);
            KnownDifference[] covering = [.. Known.Where(d => d.Covers(question, epollAlone, kestrelAlone))];
            met.UnionWith(covering);
            if (covering.Length == 0)
            {
                unknown.Append(question).AppendLine();
                Show(unknown, "epoll", epollAlone);
                Show(unknown, "kestrel", kestrelAlone);
            }
        }

        Assert.True(unknown.Length == 0, unknown.ToString());
        Assert.Equal(Known.Select(d => d.Row), Known.Where(met.Contains).Select(d => d.Row));
    }

    /// <summary>What one has more often than the other; nothing where only the order differs.</summary>
    private static string[] Without(IReadOnlyList<string> lines, IReadOnlyList<string> others)
    {
        var left = others.ToList();
        return [.. lines.Where(l => !left.Remove(l))];
    }

    private static void Show(StringBuilder text, string lane, string[] lines)
    {
        foreach (string line in lines.DefaultIfEmpty("the same in another order, or less"))
        {
            text.Append("    ").Append(lane).Append(' ').AppendLine(line.Length > LineShown ? line[..LineShown] + "..." : line);
        }
    }

    /// <summary>A difference that has its reason.</summary>
    /// <param name="Row">Its first cell in the table of docs/lanes.md.</param>
    /// <param name="Covers">Whether lines that only epoll has, and lines that only Kestrel has, are of it.</param>
    private sealed record KnownDifference(string Row, Func<Question, string[], string[], bool> Covers);
}
