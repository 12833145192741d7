using System.Text;
using ActorLb.Bench.Http1.Corpus;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

/// <summary>The corpora: what is to be read comes out as they say, and the rest is refused by the name that they say.</summary>
public sealed class CorpusTests
{
    private static readonly string[] Flags = ["expect", "no-expect", "upgrade", "no-upgrade", "te", "no-te", "interim", "final"];

    public static IEnumerable<object[]> Cases() => CorpusReader.All.Select(c => new object[] { c.File, c.Name });

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_is_read_or_refused_as_the_corpus_says(string file, string name)
    {
        CorpusCase c = CorpusReader.All.Single(x => x.File == file && x.Name == name);

        MessageReading reading = MessageReading.Of(c);

        if (!c.IsAccepted)
        {
            Assert.Equal((ParseStatus.Rejected, c.Expected.Split(' ')[1]), (reading.Status, FaultMeaning.Of(reading.Fault)?.Name));
            return;
        }

        Assert.Equal(MessageFault.None, reading.Fault);
        string[] words = c.Expected.Split(' ')[1..];
        Assert.Equal(words[..reading.Start.Length].Select(Plain), reading.Start);
        foreach ((string key, string expected) in c.Facts.Where(f => f.Key != "to"))
        {
            Assert.True(reading.Facts.ContainsKey(key), key);
            Assert.Equal(Plain(expected), reading.Facts[key]);
        }

        Assert.All(words[reading.Start.Length..].Intersect(Flags), flag => Assert.Contains(flag, reading.Facts.Keys));
    }

    [Fact]
    public void There_are_at_least_400_requests_and_100_responses_that_no_two_files_share()
    {
        Assert.InRange(CorpusReader.All.Count(c => c.IsRequest), 400, int.MaxValue);
        Assert.InRange(CorpusReader.All.Count(c => !c.IsRequest), 100, int.MaxValue);
        Assert.Equal(CorpusReader.All.Count, CorpusReader.All.Select(c => (c.File, c.Name)).Distinct().Count());
        Assert.Equal(CorpusReader.All.Count, CorpusReader.All.Select(c => (c.IsRequest, Convert.ToHexString(c.Bytes), c["to"], c.Says("asked"))).Distinct().Count());
    }

    [Fact]
    public void Every_fault_of_a_message_stands_in_a_corpus_but_for_those_that_no_message_of_it_has()
    {
        string[] named = [.. CorpusReader.All.Where(c => !c.IsAccepted).Select(c => c.Expected.Split(' ')[1]).Distinct()];

        string[] missing = [.. Enum.GetValues<MessageFault>()
            .Where(f => f is not (MessageFault.None or MessageFault.FieldNameTooLong or MessageFault.AnswerUnasked or MessageFault.ConnectionFieldInHttp2))
            .Select(f => FaultMeaning.Of(f).Name)
            .Except(named)];

        Assert.Empty(missing);
    }

    private static string Plain(string text) => Encoding.Latin1.GetString(CorpusText.ToBytes(text));
}
