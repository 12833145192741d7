using ActorLb.Node.Configuration;
using ActorLb.Node.Reloads;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using Xunit;

namespace ActorLb.Tests.Topologies;

/// <summary>In which keys nodes differ, by what they tell each other.</summary>
public sealed class SharedPartsTests
{
    private const string Base = """
        listeners.http.bind = "127.0.0.1:18080"
        pools.web { backends = ["http://10.0.0.1:80", "http://10.0.0.2:80"] }
        pools.api { backends = ["http://10.0.1.1:80"] }
        routes = [{ host = api.example, pool = api }, { host = "*", pool = web }]
        """;

    [Theory]
    [InlineData("limits.idle-timeout = 3m", "limits.idle-timeout: 130s -> 3m")]
    [InlineData("pools.web.health.path = /h", "pools.web.health.path: \"/healthz\" -> \"/h\"")]
    [InlineData("pools.web.backends = [\"http://10.0.0.1:80\"]", "pools.web.backends.\"10.0.0.2:80\": { address = \"http://10.0.0.2\", weight = 1 } -> (none)")]
    [InlineData("pools.ops.backends = [\"http://10.0.2.1:80\"]", "pools.ops: (none) -> { 1 backend }")]
    [InlineData("admin.tokens = [{ name = bob, token = a-token-of-bob, role = operate }]", "admin.tokens.bob: (none) -> { role = operate, token = (secret) }")]
    [InlineData("routes = [{ host = api.example, pool = api }, { host = a.example, pool = web }, { host = \"*\", pool = web }]", "routes[1]: (none) -> { host = \"a.example\"")]
    public void A_node_that_differs_is_told_by_its_keys(string change, string expected)
    {
        NodeComparison there = Compare(StateOf(Base), StateOf(Base + "\n" + change));
        Assert.Equal(ComparisonOutcome.Differs, there.Outcome);
        Assert.Contains(there.Differences, d => d.ToString().StartsWith(expected, StringComparison.Ordinal));
        NodeComparison back = Compare(StateOf(Base + "\n" + change), StateOf(Base));
        Assert.Equal(there.Differences.Select(d => d.Key), back.Differences.Select(d => d.Key));
    }

    [Fact]
    public void Where_a_node_listens_and_what_its_secrets_are_is_its_own()
    {
        NodeComparison same = Compare(StateOf(Base), StateOf(Base.Replace("18080", "18081", StringComparison.Ordinal)));
        Assert.Equal((ComparisonOutcome.Same, 0), (same.Outcome, same.More));
        Assert.Empty(same.Differences);
    }

    [Fact]
    public void What_comes_from_an_environment_is_seen_to_differ_and_not_shown()
    {
        const string Text = Base + "\npools.web.health.path = ${WHERE}";
        NodeComparison there = Compare(StateOf(Text, "/healthz-one"), StateOf(Text, "/healthz-two"));
        Assert.Equal("pools.web.health.path: \"${WHERE}\" -> (another value)", Assert.Single(there.Differences).ToString());
    }

    [Fact]
    public void A_short_value_that_a_variable_holds_at_one_node_alone_is_no_difference()
    {
        const string Text = Base + "\npools.web.health.rise = ${WHERE}";
        Assert.Equal("pools.web.health.rise: 2 -> 3", Assert.Single(Compare(StateOf(Text, "2"), StateOf(Text, "3")).Differences).ToString());
        Assert.Empty(Compare(StateOf(Text, "2"), StateOf(Base + "\npools.web.health.rise = 2")).Differences);
    }

    [Fact]
    public void A_token_that_was_revoked_at_one_node_alone_is_seen_and_nothing_is_shown_of_it()
    {
        const string Bob = Base + "\nadmin.tokens = [{ name = bob, token = a-token-of-bob, role = operate }]";
        TopologyState here = StateOf(Base);
        TopologyState there = StateOf(Bob);
        Assert.NotEqual(here.Fingerprint, there.Fingerprint);
        Assert.Equal("admin.tokens.bob: { role = operate, token = (secret) } -> (none)", Assert.Single(Compare(there, here).Differences).ToString());

        NodeComparison other = Compare(there, StateOf(Bob.Replace("a-token-of-bob", "another-token", StringComparison.Ordinal)));
        Assert.Equal("admin.tokens.bob: { role = operate, token = (secret) } -> (another secret)", Assert.Single(other.Differences).ToString());
        string digest = Convert.ToHexString(TokenDigest.Of("a-token-of-bob").Bytes);
        Assert.DoesNotContain(SharedParts.Of(there).SelectMany(p => p.Lines), l => $"{l}{l.Secret}".Contains(digest[..16], StringComparison.OrdinalIgnoreCase));
        Assert.Equal(ComparisonOutcome.Same, Compare(there, StateOf(Bob)).Outcome);
    }

    [Fact]
    public void What_is_told_is_bounded_and_how_much_there_is_beside_is_said()
    {
        string many = Base + "\npools.web.backends = [" + string.Join(", ", Enumerable.Range(0, 3000).Select(i => $"\"http://10.1.{i / 250}.{i % 250}:80\"")) + "]";
        NodeComparison there = Compare(StateOf(Base), StateOf(many));
        Assert.Equal(NodeComparison.DifferencesMax, there.Differences.Length);
        Assert.InRange(there.More, 2000, 3100);
    }

    private static TopologyState StateOf(string text, string? where = null)
    {
        ConfigurationResult read = Reading.Read(text, where is null ? [] : [("WHERE", where)]);
        Assert.Empty(read.Mistakes);
        return TopologyState.Of(read.Settings!.Topology).Rewritten(new WrittenLayer(read.Settings.Topology, "", null) { Hidden = read.Hidden }).With(read.Settings.Admin.Tokens);
    }

    private static NodeComparison Compare(TopologyState here, TopologyState there)
    {
        var own = SharedParts.Of(here);
        return PartsTold.Of("n2", there, new AskParts([.. own.Select(SharedParts.MarkOf)])).Against(own, here.Fingerprint);
    }
}
