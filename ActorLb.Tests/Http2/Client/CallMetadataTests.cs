using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Client;
using Xunit;

namespace ActorLb.Tests.Http2.Client;

public sealed class CallMetadataTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("AAAA", true)]
    [InlineData("AA==", true)]
    [InlineData("AA", true)]
    [InlineData("AAA=", true)]
    [InlineData("AAA", true)]
    [InlineData("+/+/", true)]
    [InlineData("AAAA,AA==, AA", true)]
    [InlineData("A", false)]
    [InlineData("AAAAA", false)]
    [InlineData("AA=", false)]
    [InlineData("A===", false)]
    [InlineData("====", false)]
    [InlineData("AAAA=", false)]
    [InlineData("AB==", false)]
    [InlineData("AAB=", false)]
    [InlineData("AAB", false)]
    [InlineData("!!!", false)]
    [InlineData("a=b=c", false)]
    [InlineData("AA-_", false)]
    [InlineData("AA AA", false)]
    [InlineData("AAAA,A", false)]
    public void Bytes_are_base64(string value, bool isGood) => Assert.Equal(isGood, CallMetadata.AreBinary(Encoding.Latin1.GetBytes(value)));

    [Theory]
    [InlineData("application/grpc", "x-bin", "AA==", true)]
    [InlineData("application/grpc+proto", "x-bin", "!", false)]
    [InlineData("application/grpc", "X-BIN", "!", false)]
    [InlineData("application/grpc", "-bin", "!", false)]
    [InlineData("application/grpc", "x-bins", "!", true)]
    [InlineData("application/grpc", "bin", "!", true)]
    [InlineData("application/grpc", "x", "\u00ff", false)]
    [InlineData("application/grpc", "x", "a ~", true)]
    [InlineData("application/grpc-web", "x-bin", "!", true)]
    [InlineData("application/grpc-web", "x", "\u00ff", true)]
    [InlineData("text/plain", "x-bin", "!", true)]
    public void Only_calls_of_gRPC_are_held_to_it(string type, string name, string value, bool isGood)
    {
        byte[] text = Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\n{name}: {value}\r\n\r\n");
        var fields = new HeaderField[10];
        ParseResult result = RequestParser.Parse(text, new MessageLimits(8192, 8192, 10, MessageLimits.UsualChunkLineBytesMax), fields, out RequestHead head);

        Assert.True(result.IsComplete);
        Assert.Equal(isGood, CallMetadata.IsWellFormed(text, fields.AsSpan(0, head.Fields.Count)));
    }
}
