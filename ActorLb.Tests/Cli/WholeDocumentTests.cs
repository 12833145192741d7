using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Tests.Top;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class WholeDocumentTests
{
    [Fact]
    public void What_is_null_and_must_not_be_is_found_wherever_it_is()
    {
        BackendViewDocument told = Pictures.View();
        Assert.Null(WholeDocument.Missing(told));
        Assert.Equal("backend", WholeDocument.Missing(told with { Backend = null! }));
        Assert.Equal("nodes", WholeDocument.Missing(told with { Nodes = null! }));
        Assert.Equal("lastFailures[0]", WholeDocument.Missing(told with { LastFailures = [null!] }));
        Assert.Equal(
            "backend.verdicts[1].detail",
            WholeDocument.Missing(told with { Backend = told.Backend with { Verdicts = [new("lb1", true, "", Pictures.Now), new("lb1", true, null!, Pictures.Now)] } }));
    }

    [Fact]
    public void An_earlier_nodes_document_without_what_came_later_is_whole()
    {
        Assert.Null(Missing<StatusDocument>(
            """
            {"node":"lb1","version":"0.0.9","members":[{"address":"a","name":"lb1","status":"up","reachable":true,"counted":true}],"sessions":{"count":1},
             "storage":{"state":"ok","detail":null,"since":"2027-01-15T08:10:01Z","bytes":1,"unwrittenSeconds":0},
             "pools":[{"name":"web","backends":[{"id":"a","address":"http://a","weight":1,"state":"up","operator":"ready","since":"2027-01-15T08:10:01Z","verdicts":[]}]}]}
            """));
        Assert.Null(Missing<DecisionDocument>("""{"pool":"web","backend":"a","operator":"ready","version":1,"node":"lb1","confirmed":true}"""));
        Assert.Null(Missing<Trouble>("""{"key":"k","severity":"info","title":"t","why":"w","done":"d"}"""));
    }

    [Theory]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01Z","drains":[null]}""", "drains[0]")]
    [InlineData("""{"node":"lb1","time":"2027-01-15T08:10:01Z","drains":null}""", "drains")]
    [InlineData("""{"time":"2027-01-15T08:10:01Z","drains":[]}""", "node")]
    public void The_place_is_told_as_the_document_has_it(string json, string expected) => Assert.Equal(expected, Missing<DrainsDocument>(json));

    private static string? Missing<T>(string json) => WholeDocument.Missing(JsonSerializer.Deserialize<T>(json, AdminJson.Written)!);
}
