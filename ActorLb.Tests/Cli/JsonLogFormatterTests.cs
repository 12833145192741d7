using System.Text.Json;
using ActorLb.Node.Cli;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class JsonLogFormatterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));

    [Fact]
    public void An_entry_is_one_object_with_its_event_and_the_values_of_its_message() => Assert.Equal(
        """
        {"time":"2026-05-04T03:02:01.000Z","level":"warning","category":"Some.Category","eventId":7,"event":"Full","message":"web has 3 of 1.5, True","fields":{"Pool":"web","Count":3,"Most":1.5,"IsFull":true},"template":"{Pool} has {Count} of {Most}, {IsFull}"}

        """,
        Logged(LogLevel.Warning, new EventId(7, "Full"), null, "{Pool} has {Count} of {Most}, {IsFull}", "web", 3, 1.5, true));

    [Fact]
    public void What_has_no_name_and_no_values_has_no_members_for_them() => Assert.Equal(
        """
        {"time":"2026-05-04T03:02:01.000Z","level":"critical","category":"Some.Category","eventId":0,"message":"plain"}

        """,
        Written(new LogEntry<string>(LogLevel.Critical, "Some.Category", default, "plain", null, (m, _) => m)));

    [Fact]
    public void A_sentence_without_values_has_its_template_and_no_fields() => Assert.EndsWith(
        "\"message\":\"all is well\",\"template\":\"all is well\"}" + Environment.NewLine, Logged(LogLevel.Information, 1, null, "all is well"), StringComparison.Ordinal);

    [Fact]
    public void Values_of_a_library_that_are_no_list_are_fields_as_well() => Assert.EndsWith(
        "\"message\":\"gone\",\"fields\":{\"LogSource\":\"somebody\"}}" + Environment.NewLine,
        Written(new LogEntry<Dictionary<string, object?>>(
            LogLevel.Warning, "Akka", default, new Dictionary<string, object?> { ["LogSource"] = "somebody" }, null, (_, _) => "gone")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r\nb\rc")]
    [InlineData("\"},{\"level\":\"critical\"")]
    [InlineData("\\\" \\u0041 \\")]
    [InlineData("\0\u0007\u001b[2J\u009b\u007f")]
    [InlineData("\u202e\u2066\u2028\u2029\u0085")]
    [InlineData("é 漢 \U0001f600")]
    [InlineData("</script><!--")]
    public void What_others_say_is_the_value_of_one_member_in_visible_ASCII(string hostile)
    {
        string line = Logged(LogLevel.Information, 1, new InvalidOperationException(hostile), "{Who} left", hostile);
        JsonElement entry = Parsed(line);
        Assert.Equal(hostile, entry.GetProperty("fields").GetProperty("Who").GetString());
        Assert.Equal($"{hostile} left", entry.GetProperty("message").GetString());
        Assert.Equal($"System.InvalidOperationException: {hostile}", entry.GetProperty("exception").GetString());
        Assert.Equal("information", entry.GetProperty("level").GetString());
    }

    [Theory]
    [InlineData("\ud83d")]
    [InlineData("\ude00\ud83d")]
    [InlineData("a\ud83dz")]
    public void Half_a_surrogate_pair_is_replaced(string half)
    {
        JsonElement entry = Parsed(Logged(LogLevel.Information, 1, null, "{Who} left", half));
        string shown = string.Concat(half.Select(c => char.IsSurrogate(c) ? '\ufffd' : c));
        Assert.Equal(shown, entry.GetProperty("fields").GetProperty("Who").GetString());
        Assert.Equal($"{shown} left", entry.GetProperty("message").GetString());
    }

    [Fact]
    public void Values_that_are_no_numbers_of_JSON_are_text_and_lists_are_lists()
    {
        JsonElement fields = Parsed(Logged(
            LogLevel.Information, 1, null, "{A} {B} {C} {D} {E}", double.NaN, TimeSpan.FromSeconds(5), null, new[] { "x", "y" }, ulong.MaxValue)).GetProperty("fields");
        Assert.Equal("NaN", fields.GetProperty("A").GetString());
        Assert.Equal("00:00:05", fields.GetProperty("B").GetString());
        Assert.Equal(JsonValueKind.Null, fields.GetProperty("C").ValueKind);
        Assert.Equal(["x", "y"], fields.GetProperty("D").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(ulong.MaxValue, fields.GetProperty("E").GetUInt64());
    }

    [Fact]
    public void A_field_that_is_named_twice_is_there_once() => Assert.Contains(
        "\"fields\":{\"Name\":\"a\"}", Logged(LogLevel.Information, 1, null, "{Name} is {Name}", "a", "b"), StringComparison.Ordinal);

    private static JsonElement Parsed(string line)
    {
        Assert.EndsWith(Environment.NewLine, line, StringComparison.Ordinal);
        Assert.All(line[..^Environment.NewLine.Length], c => Assert.InRange(c, ' ', '~'));
        return JsonDocument.Parse(line).RootElement;
    }

    private string Logged(LogLevel level, EventId id, Exception? exception, string template, params object?[] values)
    {
        var lines = new Lines(this);
#pragma warning disable CA2254 // Templates are what is tested.
        lines.Log(level, id, exception, template, values);
#pragma warning restore CA2254
        return lines.Text;
    }

    private string Written<TState>(LogEntry<TState> entry)
    {
        using var text = new StringWriter();
        new JsonLogFormatter(_time).Write(entry, null, text);
        return text.ToString();
    }

    private sealed class Lines(JsonLogFormatterTests tests) : ILogger
    {
        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Text += tests.Written(new LogEntry<TState>(logLevel, "Some.Category", eventId, state, exception, formatter));
    }
}
