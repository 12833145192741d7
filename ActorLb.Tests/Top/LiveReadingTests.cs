using System.Text.Json;
using ActorLb.Node.Top;
using Xunit;

namespace ActorLb.Tests.Top;

public sealed class LiveReadingTests
{
    [Fact]
    public void A_document_without_what_later_versions_tell_is_read()
    {
        LivePicture picture = Read("""
            { "node": "lb1", "time": "2027-01-15T08:10:01+00:00", "all": { },
              "nodes": [ { "name": "lb1", "status": "up", "reachable": true }, { "name": "lb2", "reachable": false, "version": "0.1.0", "sees": [ { "node": "lb1", "reachable": false } ] } ],
              "pools": [ { "name": "web", "backends": [ ["a", "down", "draining", false, 3, 1800000000000, 30, 10, null, 2.5, 4, 5, 6, 7, 8, "timed out"] ] } ] }
            """);
        LiveBackend backend = Assert.Single(picture.Backends);
        Assert.Equal(("web/a", "down", "draining", 3, 3.0), (backend.Name, backend.State, backend.Operator, backend.Weight, backend.Figures.Rate));
        Assert.Equal((null, null, 2.5), (backend.Figures.P50, backend.Figures.P95, backend.Figures.P99));
        Assert.Equal((4, 5, 6, 7, 8, "timed out"), (backend.InFlight, backend.Tunnels, backend.Sessions, backend.SessionsToMove, backend.Waiting, backend.Why));
        Assert.Null(picture.Nodes[0].Figures);
        Assert.Equal("lb1", Assert.Single(picture.Nodes[1].Unheard));
        Assert.Empty(picture.Troubles);
    }

    [Fact]
    public void Failures_are_told_of_a_hundred_requests()
    {
        Assert.Equal(12.5, new LiveFigures(80, 10, null, null, null).FailurePercent);
        Assert.Equal(100, new LiveFigures(1, 2, null, null, null).FailurePercent);
        Assert.Equal(100, new LiveFigures(0, 2, null, null, null).FailurePercent);
        Assert.Null(new LiveFigures(0, 0, null, null, null).FailurePercent);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{ "node": 1 }""")]
    [InlineData("""{ "node": "a", "time": "yesterday", "all": {} }""")]
    [InlineData("""{ "node": "a", "time": "2027-01-15T08:10:01+00:00", "all": [] }""")]
    [InlineData("""{ "node": "a", "time": "2027-01-15T08:10:01+00:00", "all": {}, "pools": [ { "name": "web", "backends": [ ["a"] ] } ] }""")]
    [InlineData("""{ "node": "a", "time": "2027-01-15T08:10:01+00:00", "all": {}, "pools": [ { "name": "web", "backends": [ ["a", "up", "ready", true, 1, 9999999999999999, 0, 0, null, null, 0, 0, 0, 0, 0, ""] ] } ] }""")]
    [InlineData("""{ "node": "a", "time": "2027-01-15T08:10:01+00:00", "all": {}, "troubles": 3 }""")]
    public void What_is_no_such_document_is_refused(string json) => Assert.Throws<FormatException>(() => Read(json));

    private static LivePicture Read(string json) => LiveReading.Read(JsonDocument.Parse(json).RootElement);
}
