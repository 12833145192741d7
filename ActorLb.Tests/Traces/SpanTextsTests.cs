using System.Diagnostics;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using Xunit;

namespace ActorLb.Tests.Traces;

/// <summary>Which ends of a request are errors of it.</summary>
public sealed class SpanTextsTests
{
    [Theory]
    [InlineData("SessionMoved", "session-moved")]
    [InlineData("SessionEnded", "session-ended")]
    [InlineData("BackendDrained", "backend-drained")]
    [InlineData("BackendInMaintenance", "backend-in-maintenance")]
    [InlineData("BackendRemoved", "backend-removed")]
    [InlineData("NodeStopping", "node-stopping")]
    public void What_an_operator_had_closed_has_its_reason_and_is_no_error(string reason, string name)
    {
        foreach (int failsFrom in (int[])[400, 500])
        {
            foreach (int status in (int[])[101, 200])
            {
                using Activity span = Concluded(status, Enum.Parse<FailureReason>(reason), failsFrom);
                Assert.Equal((ActivityStatusCode.Unset, null, name), (span.Status, span.GetTagItem("error.type"), span.GetTagItem("actorlb.reason")));
            }

            using Activity refused = Concluded(503, Enum.Parse<FailureReason>(reason), failsFrom);
            Assert.Equal((ActivityStatusCode.Error, name), (refused.Status, refused.GetTagItem("error.type")));
        }
    }

    [Theory]
    [InlineData("BackendDown")]
    [InlineData("BackendReset")]
    [InlineData("TunnelTimeout")]
    public void What_was_cut_off_and_nobody_asked_for_is_an_error(string reason)
    {
        using Activity span = Concluded(101, Enum.Parse<FailureReason>(reason), failsFrom: 500);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    private static Activity Concluded(int status, FailureReason failure, int failsFrom)
    {
        var span = new Activity("GET");
        SpanTexts.Conclude(span, status, failure, failsFrom);
        return span;
    }
}
