using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Revisions;
using ActorLb.Shared.Messages;
using ActorLb.Tests.Revisions;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class TopologyApiTests
{
    [Fact]
    public async Task A_body_is_given_to_the_cluster_file_by_file_and_the_revision_is_the_answer()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage one = await client.PostAsync("/api/v1/topology", new StringContent("actorlb { }\n"));
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        JsonElement answer = await one.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("in-force", 7L, "node-1", "000000ab"), (
            answer.GetProperty("outcome").GetString(), answer.GetProperty("revision").GetInt64(), answer.GetProperty("node").GetString(), answer.GetProperty("fingerprint").GetString()));

        using HttpResponseMessage two = await client.PostAsync("/api/v1/topology?dry-run", new StringContent("#file: a.conf\nx = 1\n#file: b.conf\ny = 2"));
        Assert.Equal(("topology=actorlb { }\n", "127.0.0.1", false), node.Revisions.Given[0]);
        Assert.Equal(("a.conf=x = 1|b.conf=y = 2", "127.0.0.1", true), node.Revisions.Given[1]);
    }

    [Theory]
    [InlineData("?release", "text")]
    [InlineData("", "")]
    [InlineData("", " \n")]
    [InlineData("?dryrun", "actorlb {}")]
    public async Task What_is_not_meant_is_a_bad_request(string query, string body)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/topology" + query, new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(node.Revisions.Given);
    }

    [Fact]
    public async Task A_body_of_a_megabyte_is_taken_and_one_more_byte_is_not()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage largest = await client.PostAsync("/api/v1/topology", new StringContent(new string('#', Revision.TextMax)));
        Assert.Equal(HttpStatusCode.OK, largest.StatusCode);

        // Asked for beforehand, or the answer comes while the rest is being sent.
        using var asking = new HttpClient(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(60) }) { BaseAddress = node.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/topology") { Content = new StringContent(new string('#', Revision.TextMax + 1)), Headers = { ExpectContinue = true } };
        using HttpResponseMessage more = await asking.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, more.StatusCode);
        using HttpResponseMessage broken = await client.PostAsync("/api/v1/topology", new ByteArrayContent([0xff, 0xfe]));
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
    }

    [Theory]
    [InlineData(RevisionVerdict.InForce, HttpStatusCode.OK, "in-force")]
    [InlineData(RevisionVerdict.Spreads, HttpStatusCode.Accepted, "spreads")]
    [InlineData(RevisionVerdict.Unchanged, HttpStatusCode.OK, "unchanged")]
    [InlineData(RevisionVerdict.Possible, HttpStatusCode.OK, "possible")]
    [InlineData(RevisionVerdict.Impossible, HttpStatusCode.UnprocessableEntity, "impossible")]
    [InlineData(RevisionVerdict.NoMajority, HttpStatusCode.ServiceUnavailable, "no-majority")]
    [InlineData(RevisionVerdict.Busy, HttpStatusCode.Conflict, "busy")]
    [InlineData(RevisionVerdict.Silent, HttpStatusCode.GatewayTimeout, "no-answer")]
    [InlineData(RevisionVerdict.OtherRevision, HttpStatusCode.PreconditionFailed, "other-revision")]
    public async Task Every_outcome_has_its_status_and_its_word(RevisionVerdict verdict, HttpStatusCode status, string word)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Outcome = new RevisionOutcome(verdict, null)
        {
            Mistakes = [new RevisionMistake("lb2", "a.conf", 3, 5, "actorlb.pools", "a.conf:3:5: actorlb.pools: wrong; expected right")],
            Nodes = ["lb3"],
        };
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/topology", new StringContent("actorlb {}"));
        Assert.Equal(status, response.StatusCode);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(word, answer.GetProperty("outcome").GetString());
        Assert.Equal((int)status >= 400 ? AdminProblem.ContentType : "application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(3, answer.GetProperty("mistakes")[0].GetProperty("line").GetInt32());
        if ((int)status >= 400)
        {
            Assert.StartsWith("urn:actorlb:problem:", answer.GetProperty("type").GetString(), StringComparison.Ordinal);
            Assert.Equal((int)status, answer.GetProperty("status").GetInt32());
        }
    }

    [Theory]
    [InlineData("\"7\"", 7L)]
    [InlineData("\"0\"", 0L)]
    [InlineData("*", null)]
    public async Task If_match_names_the_revision_that_is_to_be_replaced_and_answers_have_it_as_their_tag(string sent, long? expected)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        foreach (string path in new[] { "/api/v1/topology", "/api/v1/topology?release" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = path.EndsWith('y') ? new StringContent("actorlb {}") : null };
            request.Headers.TryAddWithoutValidation("If-Match", sent);
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(expected, node.Revisions.IfRevision);
            Assert.Equal("\"7\"", response.Headers.ETag!.Tag);
        }
    }

    [Theory]
    [InlineData("7")]
    [InlineData("W/\"7\"")]
    [InlineData("\"6\", \"7\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"")]
    public async Task An_if_match_that_is_no_revision_is_a_bad_request(string sent)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/topology") { Content = new StringContent("actorlb {}") };
        request.Headers.TryAddWithoutValidation("If-Match", sent);
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(node.Revisions.Given);
    }

    [Theory]
    [InlineData("", "may be in force")]
    [InlineData("?dry-run", "Nothing has changed.")]
    public async Task No_answer_in_time_says_what_is_known(string query, string words)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Failure = new TimeoutException();
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/topology" + query, new StringContent("actorlb {}"));
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains(words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_starts_takes_nothing_and_says_why_it_is_not_ready()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Phase = NodePhase.Starting;
        node.Revisions.Status = new RevisionStatus(RevisionHistory.Of([RevisionHistoryTests.Given(3, "lb1")]), "cannot listen on 0.0.0.0:80 (listeners.http.bind)");
        using HttpClient client = node.Client();
        using HttpResponseMessage response = await client.PostAsync("/api/v1/topology", new StringContent("actorlb {}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        using HttpResponseMessage ready = await client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("cannot run revision 3, which is in force: cannot listen on 0.0.0.0:80", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_tell_the_revision_whether_the_node_goes_by_it_and_who_differs()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.View.Members = [Member("node-1"), Member("differs"), Member("unknown")];
        node.Revisions.Status = new RevisionStatus(RevisionHistory.Of([RevisionHistoryTests.Given(3, "lb1")]), "cannot");
        using HttpClient client = node.Client();
        string metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("actorlb_config_revision 3\nactorlb_config_revision_in_force 0", Values(metrics), StringComparison.Ordinal);
        Assert.Contains("actorlb_config_members_differing 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_that_was_released_counts_as_none()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Status = new RevisionStatus(RevisionHistory.Of([RevisionHistoryTests.Given(4, "lb1", text: null), RevisionHistoryTests.Given(3, "lb1")]), null);
        using HttpClient client = node.Client();
        Assert.Contains("actorlb_config_revision 0\nactorlb_config_revision_in_force 1", Values(await client.GetStringAsync("/metrics")), StringComparison.Ordinal);
    }

    private static string Values(string metrics) => string.Join('\n', metrics.Split('\n').Where(l => l.StartsWith("actorlb_config_revision", StringComparison.Ordinal)).Order());

    private static NodeMember Member(string name) => new(name, $"akka://actorlb@{name}:1", "up", Reachable: true);

    [Fact]
    public async Task The_history_the_text_of_one_their_differences_and_what_is_in_force_can_be_read()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Revisions.Status = new RevisionStatus(
            RevisionHistory.Of([RevisionHistoryTests.Given(3, "lb1"), RevisionHistoryTests.Given(3, "lb2"), RevisionHistoryTests.Given(2, "lb1", text: null)]), null);
        using HttpClient client = node.Client();
        JsonElement history = await client.GetFromJsonAsync<JsonElement>("/api/v1/topology/history");
        Assert.Equal(["3", "3@lb1", "2"], history.GetProperty("revisions").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal([true, false, false], history.GetProperty("revisions").EnumerateArray().Select(r => r.GetProperty("inForce").GetBoolean()));
        Assert.Equal([false, true, false], history.GetProperty("revisions").EnumerateArray().Select(r => r.GetProperty("passedOver").GetBoolean()));

        JsonElement one = await client.GetFromJsonAsync<JsonElement>("/api/v1/topology/history/3@lb1");
        Assert.Equal(("lb1", "actorlb {}"), (one.GetProperty("node").GetString(), one.GetProperty("text").GetString()));
        using HttpResponseMessage unknown = await client.GetAsync("/api/v1/topology/history/9");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        JsonElement diff = await client.GetFromJsonAsync<JsonElement>("/api/v1/topology/diff?from=3@lb1&to=3");
        Assert.Equal("3s", diff.GetProperty("differences")[0].GetProperty("new").GetString());
        Assert.Equal("2s", (await client.GetFromJsonAsync<JsonElement>("/api/v1/topology/diff?from=3")).GetProperty("differences")[0].GetProperty("new").GetString());
        using HttpResponseMessage unreadable = await client.GetAsync("/api/v1/topology/diff?from=3&to=2");
        Assert.Equal(HttpStatusCode.Conflict, unreadable.StatusCode);

        using HttpResponseMessage export = await client.GetAsync("/api/v1/topology");
        Assert.Equal(("text/plain", "actorlb { }\n"), (export.Content.Headers.ContentType!.MediaType, await export.Content.ReadAsStringAsync()));

        using HttpResponseMessage back = await client.PostAsync("/api/v1/topology/rollback/2?dry-run", null);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        using HttpResponseMessage release = await client.PostAsync("/api/v1/topology?release", null);
        Assert.Equal(HttpStatusCode.OK, release.StatusCode);
        Assert.Equal([("2", true), ("release", false)], node.Revisions.Given.Select(g => (g.Text, g.IsTrial)));
        JsonElement status = await client.GetFromJsonAsync<JsonElement>("/api/v1/status");
        Assert.Equal(3, status.GetProperty("revision").GetProperty("number").GetInt64());
    }
}
