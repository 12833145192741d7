using System.Text;
using ActorLb.Engine.Traces;
using Xunit;

namespace ActorLb.Tests.Traces;

/// <summary>The cases of the W3C's own test suite (w3c/trace-context, test/test.py), and what the specification says beside.</summary>
public sealed class TraceParentTests
{
    private const string Trace = "12345678901234567890123456789012";
    private const string Span = "1234567890123456";

    [Theory]
    [InlineData($"00-{Trace}-{Span}-00", 0)]
    [InlineData($"00-{Trace}-{Span}-01", 1)]
    [InlineData($"00-{Trace}-{Span}-03", 3)]
    [InlineData($"00-{Trace}-{Span}-02", 2)]
    [InlineData($"00-{Trace}-{Span}-ff", 3)]
    [InlineData($"cc-{Trace}-{Span}-01", 1)]
    [InlineData($"cc-{Trace}-{Span}-01-", 1)]
    [InlineData($"cc-{Trace}-{Span}-01-what-the-future-will-be-like", 1)]
    [InlineData($"fe-{Trace}-{Span}-00", 0)]
    public void What_is_valid_is_read(string value, int flags)
    {
        Assert.True(TraceParent.TryRead(Encoding.ASCII.GetBytes(value), out TraceContext context));
        Assert.Equal(new TraceContext(0x1234567890123456, 0x7890123456789012, 0x1234567890123456, (TraceFlags)flags), context);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData($"00-{Trace}-{Span}-01.")]
    [InlineData($"00-{Trace}-{Span}-01-")]
    [InlineData($"00-{Trace}-{Span}-01-what-the-future-will-be-like")]
    [InlineData($"cc-{Trace}-{Span}-01.what-the-future-will-not-be-like")]
    [InlineData($"ff-{Trace}-{Span}-01")]
    [InlineData($".0-{Trace}-{Span}-01")]
    [InlineData($"0.-{Trace}-{Span}-01")]
    [InlineData($"000-{Trace}-{Span}-01")]
    [InlineData($"0000-{Trace}-{Span}-01")]
    [InlineData($"0-{Trace}-{Span}-01")]
    [InlineData($"00-00000000000000000000000000000000-{Span}-01")]
    [InlineData($"00-.2345678901234567890123456789012-{Span}-01")]
    [InlineData($"00-1234567890123456789012345678901.-{Span}-01")]
    [InlineData($"00-1234567890123456789012345678901g-{Span}-01")]
    [InlineData($"00-1234567890123456789012345678901A-{Span}-01")]
    [InlineData($"00-123456789012345678901234567890123-{Span}-01")]
    [InlineData($"00-1234567890123456789012345678901-{Span}-01")]
    [InlineData($"00-{Trace}-0000000000000000-01")]
    [InlineData($"00-{Trace}-.234567890123456-01")]
    [InlineData($"00-{Trace}-123456789012345.-01")]
    [InlineData($"00-{Trace}-123456789012345F-01")]
    [InlineData($"00-{Trace}-12345678901234567-01")]
    [InlineData($"00-{Trace}-123456789012345-01")]
    [InlineData($"00-{Trace}-{Span}-.0")]
    [InlineData($"00-{Trace}-{Span}-0.")]
    [InlineData($"00-{Trace}-{Span}-001")]
    [InlineData($"00-{Trace}-{Span}-1")]
    [InlineData($"00-{Trace}-{Span}-")]
    [InlineData($"00-{Trace}-{Span}")]
    [InlineData($"00_{Trace}_{Span}_01")]
    public void What_is_not_is_refused(string value) => Assert.False(TraceParent.TryRead(Encoding.ASCII.GetBytes(value), out _));

    [Fact]
    public void No_octet_but_the_digits_is_a_digit()
    {
        byte[] value = Encoding.ASCII.GetBytes($"00-{Trace}-{Span}-01");
        byte[] accepted = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b =>
        {
            value[20] = b;
            return TraceParent.TryRead(value, out _);
        })];
        Assert.Equal("0123456789abcdef", Encoding.ASCII.GetString(accepted));
    }

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        var context = new TraceContext(0x00f1, ulong.MaxValue - 1, 0xabcdef, TraceFlags.Known);
        byte[] written = new byte[TraceParent.Bytes];
        TraceParent.Write(context, written);
        Assert.Equal("00-00000000000000f1fffffffffffffffe-0000000000abcdef-03", Encoding.ASCII.GetString(written));
        Assert.True(TraceParent.TryRead(written, out TraceContext read));
        Assert.Equal(context, read);
    }
}
