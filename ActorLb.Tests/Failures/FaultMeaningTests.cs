using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Failures;

public sealed class FaultMeaningTests
{
    private static readonly MessageFault[] All = [.. Enum.GetValues<MessageFault>().Where(f => f != MessageFault.None)];

    [Fact]
    public void Every_fault_has_its_line_in_the_table_and_a_name_of_its_own()
    {
        foreach (MessageFault fault in All)
        {
            FaultMeaning meaning = FaultMeaning.Of(fault);
            Assert.Equal(fault, meaning.Fault);
            Assert.Matches(@"^[a-z]+(-[a-z0-9.]+)*$", meaning.Name);
            Assert.DoesNotMatch(@"\.$", meaning.Text);
        }

        Assert.Equal(All.Length, All.Select(f => FaultMeaning.Of(f).Name).Distinct().Count());
    }

    [Theory]
    [InlineData("BareLineFeed", 400, "bad-request")]
    [InlineData("HostRepeated", 400, "bad-request")]
    [InlineData("TargetHasControl", 400, "bad-target")]
    [InlineData("TargetHasFragment", 400, "bad-target")]
    [InlineData("LengthAndTransferEncoding", 400, "ambiguous-length")]
    [InlineData("TransferEncodingInHttp10", 400, "ambiguous-length")]
    [InlineData("TransferEncodingNotChunked", 400, "bad-request")]
    [InlineData("TransferEncodingUnsupported", 501, "transfer-coding-unsupported")]
    [InlineData("ConnectUnsupported", 501, "method-unsupported")]
    [InlineData("TargetSchemeUnsupported", 501, "target-unsupported")]
    [InlineData("AsteriskWithoutOptions", 405, "method-not-allowed")]
    [InlineData("RequestLineTooLong", 414, "request-line-too-long")]
    [InlineData("FieldsTooLarge", 431, "headers-too-large")]
    [InlineData("FieldsTooMany", 431, "headers-too-large")]
    [InlineData("VersionUnsupported", 505, "http-version-unsupported")]
    [InlineData("StatusLineMalformed", 502, "backend-bad-response")]
    public void A_fault_is_told_to_the_client_as_the_other_lane_tells_it(string fault, int status, string reason)
    {
        var answer = FailureAnswer.Of(FaultMeaning.Of(Enum.Parse<MessageFault>(fault)).Failure);

        Assert.Equal((status, reason), (answer.Status, answer.Name));
    }

    [Fact]
    public void No_fault_of_a_request_is_ever_tried_again()
    {
        foreach (MessageFault fault in All)
        {
            Assert.Equal(RetrySafety.Never, FailureAnswer.Of(FaultMeaning.Of(fault).Failure).Retry);
        }
    }
}
