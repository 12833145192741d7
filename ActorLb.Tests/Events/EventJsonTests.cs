using System.Text;
using System.Text.Json;
using ActorLb.Node.Events;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class EventJsonTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, 7, TimeSpan.Zero);

    private static readonly NodeEvent Down = EventJson.Make(
        new EventId(0x1234, "n1"),
        At,
        new EventNote(EventKind.BackendDown, "web/a is down: n1 says not well (é \"x\"\n)")
        {
            Pool = "web",
            Backend = "a",
            Data = new { votes = 2, none = (string?)null },
            Cause = new EventId(0x1000, "n2"),
        });

    [Fact]
    public void An_event_is_one_line_of_json_with_the_members_of_the_api() => Assert.Equal(
        """{"id":"0000000000001234-n1","at":"2026-01-01T00:00:00.007Z","node":"n1","kind":"backend.down","severity":"error","pool":"web","backend":"a","text":"web/a is down: n1 says not well (é \"x\"\n)","data":{"votes":2},"cause":"0000000000001000-n2"}""",
        TextOf(Down));

    [Fact]
    public void What_there_is_not_is_left_out()
    {
        NodeEvent bare = EventJson.Make(new EventId(1, "n1"), At, new EventNote(EventKind.NodeReady, "ready"));
        Assert.Equal("""{"id":"0000000000000001-n1","at":"2026-01-01T00:00:00.007Z","node":"n1","kind":"node.ready","severity":"info","text":"ready","data":{}}""", TextOf(bare));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Assert.True(EventJson.TryRead(Down.Json, out EventId id, out NodeEvent? read));
        Assert.Equal(Down.Id, id);
        Assert.Equal(Down with { Json = default }, read! with { Json = default });
        Assert.Equal(TextOf(Down), TextOf(read));
    }

    [Fact]
    public void Who_asked_for_it_is_written_read_and_bounded()
    {
        var note = new EventNote(EventKind.OperatorDrain, "web/a drains") { Who = "ci (10.0.0.5, CN=\u0085x)" };
        NodeEvent drained = EventJson.Make(new EventId(1, "n1"), At, note);
        Assert.EndsWith(",\"data\":{},\"who\":\"ci (10.0.0.5, CN=\\u0085x)\"}", TextOf(drained), StringComparison.Ordinal);
        Assert.True(EventJson.TryRead(drained.Json, out _, out NodeEvent? read));
        Assert.Equal(note.Who, read!.Who);
        Assert.Equal("web/a drains (asked for by ci (10.0.0.5, CN=\u0085x))", read.Sentence);
        Assert.Equal(EventJson.WhoLengthMax + 1, EventJson.Make(new EventId(1, "n1"), At, note with { Who = new string('x', 5000) }).Who!.Length);
    }

    [Fact]
    public void Of_a_kind_that_nobody_knows_the_id_is_read_alone()
    {
        Assert.True(EventJson.TryRead(Encoding.UTF8.GetBytes(TextOf(Down).Replace("backend.down", "backend.sideways", StringComparison.Ordinal)), out EventId id, out NodeEvent? read));
        Assert.Equal(Down.Id, id);
        Assert.Null(read);
    }

    [Fact]
    public void Every_part_of_an_event_is_read_or_refused()
    {
        for (int length = 0; length < Down.Json.Length; length++)
        {
            Assert.False(EventJson.TryRead(Down.Json[..length], out _, out _));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id":7}""")]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]""")]
    public void What_is_no_event_is_refused(string json) => Assert.False(EventJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out _));

    [Fact]
    public void Text_that_is_no_utf8_is_refused()
    {
        byte[] bytes = Down.Json.ToArray();
        bytes[Array.IndexOf(bytes, (byte)'w', 130)] = 0xFF;
        Assert.False(EventJson.TryRead(bytes, out _, out NodeEvent? read));
        Assert.Null(read);
    }

    [Fact]
    public void Data_of_elsewhere_comes_on_one_line()
    {
        string json = TextOf(Down).Replace("""{"votes":2}""", "{\n\"votes\":\r\n2}", StringComparison.Ordinal);
        Assert.True(EventJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out NodeEvent? read));
        Assert.Equal("""{"votes":2}""", read!.Data);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz", false)]
    [InlineData("x", false)]
    public void A_span_is_known_where_it_is_one(string written, bool isKnown)
    {
        string json = TextOf(Down)[..^1] + $$""","traceParent":"{{written}}"}""";
        Assert.True(EventJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out NodeEvent? read));
        Assert.Equal(isKnown ? written : null, read!.TraceParent);
        Assert.Equal(isKnown, TextOf(read).Contains("traceParent", StringComparison.Ordinal));
    }

    [Fact]
    public void Long_texts_and_large_data_are_cut()
    {
        NodeEvent made = EventJson.Make(new EventId(1, "n1"), At, new EventNote(EventKind.NodeReady, new string('x', 5000)) { Data = new { much = new string('y', 5000) } });
        Assert.Equal(513, made.Text.Length);
        Assert.Equal("""{"cut":true}""", made.Data);
    }

    [Fact]
    public void Each_kind_has_a_row_and_a_name_of_its_own()
    {
        Assert.Equal(Enum.GetValues<EventKind>(), EventKinds.All.Select(r => r.Kind));
        Assert.Equal(EventKinds.All.Length, EventKinds.All.Select(r => r.Name).Distinct().Count());
        Assert.All(EventKinds.All, r => Assert.Matches("^[a-z]+\\.[a-z-]+$", r.Name));
    }

    private static string TextOf(NodeEvent one)
    {
        using JsonDocument _ = JsonDocument.Parse(one.Json);
        return Encoding.UTF8.GetString(one.Json.Span);
    }
}
