using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

/// <summary>What came from a node's environment, or is stored as a secret, is not told to whoever gives a topology.</summary>
public sealed class HiddenValuesTests
{
    private const string Secret = "NodeSecret-5566";
    private const string Token = "AdminToken-7788";
    private const string Pool = "actorlb { listeners { http { bind = \"127.0.0.1:0\" } }, routes = [{ host = \"*\", path = \"/\", pool = web }], pools { web { backends = [{ address = \"http://10.0.0.1:80\" }]\n";

    private static readonly NodeSettings Node = TestPools.Node(TestPools.Pool("web", "http://10.0.0.1:80"));

    [Theory]
    [InlineData("health.interval = ${NODE_SECRET}")]
    [InlineData("health.interval = 1${NODE_SECRET}")]
    [InlineData("health.expect = ${NODE_SECRET}")]
    [InlineData("balance = ${NODE_SECRET}")]
    [InlineData("drain.deadline = ${copied}")]
    [InlineData("slow-start = ${ACTORLB_ADMIN_TOKEN}")]
    public void A_mistake_does_not_show_it(string line)
    {
        TopologyReading reading = Read(Pool + line + " } } }\ncopied = ${NODE_SECRET}");
        Assert.NotEmpty(reading.Mistakes);
        Assert.All(reading.Mistakes, m => Assert.DoesNotContain(Secret, m.ToString(), StringComparison.OrdinalIgnoreCase));
        Assert.All(reading.Mistakes, m => Assert.DoesNotContain(Token, m.ToString(), StringComparison.OrdinalIgnoreCase));
        Assert.Contains(reading.Mistakes, m => m.Problem.Contains("${", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("health.path = \"/\"${NODE_SECRET}")]
    [InlineData("health.host = ${NODE_SECRET}\".example\"")]
    public void A_difference_does_not_show_it(string line)
    {
        TopologyReading reading = Read(Pool + line + " } } }");
        Assert.Empty(reading.Mistakes);
        SettingDifference[] changes = [.. TopologyDifferences.Between(Read(Pool + " } } }").Topology!, reading.Topology!, reading.Hidden)];
        Assert.Contains("${NODE_SECRET}", Assert.Single(changes).New, StringComparison.Ordinal);
        Assert.All(changes, c => Assert.DoesNotContain(Secret, c.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void What_is_kept_is_not_shown_where_it_is_used_again()
    {
        string stored = Pool + "health.headers.Z = ${shared.tok} } } }\nshared.tok = StoredToken-1";
        string thief = Pool + "health.headers.Z = ${shared.tok}, health.path = \"/\"${shared.tok}, health.interval = ${shared.tok} } } }\nshared.tok = \"<kept: shared.tok>\"";
        TopologyReading reading = TopologyLoader.Read([new ConfigurationText("thief", thief)], Node, TopologyLoader.Read([new ConfigurationText("stored", stored)], Node, null, Environment).Text, Environment);
        Assert.NotEmpty(reading.Mistakes);
        Assert.All(reading.Mistakes, m => Assert.DoesNotContain("StoredToken-1", m.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void What_is_short_is_hidden_only_where_it_is_all_of_it()
    {
        var hidden = new HiddenValues([("80", "${PORT}"), ("long secret", "${LONG}")]);
        Assert.Equal("${PORT}", hidden.In("80"));
        Assert.Equal("'${PORT}' is no duration", hidden.In("'80' is no duration"));
        Assert.Equal("8080 of ${LONG}s", hidden.In("8080 of Long Secrets"));
        Assert.Same(hidden, hidden.With(HiddenValues.None));
        Assert.Equal(hidden, HiddenValues.None.With(hidden));
    }

    [Theory]
    [InlineData("http://10.0.0.1:80", "http://${IP}:80")]
    [InlineData("10.0.0.13, 10.0.0.1, 110.0.0.1", "10.0.0.13, ${IP}, 110.0.0.1")]
    [InlineData("10.0.0.1", "${IP}")]
    public void An_address_is_not_the_beginning_of_another_one(string text, string shown)
    {
        Assert.Equal(shown, new HiddenValues([("10.0.0.1", "${IP}")]).In(text));

        // Digits alone may be a secret, also where the system would read an address in them.
        Assert.Equal("x${N}y", new HiddenValues([("123456", "${N}")]).In("x123456y"));
    }

    [Fact]
    public void The_variables_of_a_text_are_found_also_optional_ones() =>
        Assert.Equal(new HiddenValues([("1", "${A}"), ("2", "${B.c}")]), HiddenValues.Of("a = ${A}${?B.c}\nb = ${NOBODY}", name => name switch { "A" => "1", "B.c" => "2", _ => null }));

    private static ConfigurationEnvironment Environment { get; } =
        ConfigurationEnvironment.OfProcess with { Variable = name => name switch { "NODE_SECRET" => Secret, "ACTORLB_ADMIN_TOKEN" => Token, _ => null } };

    private static TopologyReading Read(string text) => TopologyLoader.Read([new ConfigurationText("given", text)], Node, null, Environment);
}
