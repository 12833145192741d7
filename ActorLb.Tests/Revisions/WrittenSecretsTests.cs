using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using Xunit;

namespace ActorLb.Tests.Revisions;

/// <summary>What is written down again, and what of it is not shown.</summary>
public sealed class WrittenSecretsTests
{
    private const string Full = """
        web-key = "another key that is a text"
        mine { X-Probe = "field of mine" }
        actorlb {
          listeners { "h.1" { bind = "127.0.0.1:"${PORT}, tls { password = "p w\t\"1\"" } } }
          defaults { pool { tls { client-password = second } } }
          pools {
            web { affinity { keys = ["first key of web", shared, ${web-key}, ${K}] }, health { headers { X-Token = "let me in", X-Env = ${T} } } }
            web.affinity { cookie { name = A } }
            api = ${actorlb.pools.web} { affinity { keys = ["key of api, longer"] } }
            ops { health { headers = ${mine} } }
          }
        }
        """;

    [Fact]
    public void What_is_written_down_reads_as_what_was_read()
    {
        foreach (string text in new[] { Full, ReferenceConfiguration.Text, "a = [1, 2, {b = [x]}]\na = ${?c}\nd = ${x} \" y \" ${?\"z.1\".v}\ne = null-ish\nf = \"null\"" })
        {
            string written = HoconWriter.Write(HoconParser.Parse("a", text));
            Assert.Equal(written, HoconWriter.Write(HoconParser.Parse("b", written)));
        }
    }

    [Fact]
    public void Every_file_of_the_documentation_means_the_same_when_it_is_written_down()
    {
        string text = Reading.OnePool + "\nlisteners.http.bind = \"127.0.0.1:18080\"";
        NodeSettings settings = Reading.Read(text).Settings!;
        TopologyReading again = TopologyLoader.Read([new ConfigurationText("t", settings.Written)], settings);
        Assert.Equal(settings.Topology, again.Topology);
        Assert.Equal(settings.Written, again.Text);
    }

    [Fact]
    public void No_secret_is_shown_and_what_is_not_one_is()
    {
        string shown = HoconWriter.Write(WrittenSecrets.Hidden(HoconParser.Parse("a", Full)));
        foreach (string secret in new[] { "p w", "second", "first key", "another key", "let me in", "key of api", "field of mine" })
        {
            Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        }

        foreach (string told in new[] { "${K}", "${T}", "${PORT}", "shared", "<kept: pools.web.affinity.keys[0]>", "<kept: web-key>", "<kept: defaults.pool.tls.client-password>", "<kept: mine.X-Probe>" })
        {
            Assert.Contains(told, shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_was_shown_keeps_what_is_stored_when_it_is_given_back()
    {
        HoconObject stored = HoconParser.Parse("a", Full);
        var findings = new ConfigurationFindings();
        HoconObject kept = WrittenSecrets.Kept(HoconParser.Parse("b", HoconWriter.Write(WrittenSecrets.Hidden(stored))), stored, findings);
        Assert.Empty(findings.Result(null, []).Mistakes);
        Assert.Equal(HoconWriter.Write(stored), HoconWriter.Write(kept));
    }

    [Theory]
    [InlineData("k = abc\nactorlb.pools.web.affinity.keys = [\"begin \"${k}\" end\"]")]
    [InlineData("k = abc\nactorlb.listeners.x.tls.password = \"p-\"${?NONE}\nactorlb.listeners.y.tls.password = ${k}${?NONE}")]
    [InlineData("shared { unused = abc, also = [abc, { x = abc }] }\nactorlb { }")]
    [InlineData("shared { a = abc, b = \"x\"${shared.a} }\nactorlb.pools.web.health.headers { X = ${shared.b}y }")]
    [InlineData("shared.a = abc\nshared.a = ${?NONE}\nactorlb.listeners.x.tls { password = abc, password = ${?NONE} }")]
    [InlineData("shared.k = abc\nactorlb.pools.web { affinity.keys = [${shared.k}], health.path = \"/\"${shared.k} }")]
    public void Whatever_holds_a_secret_is_hidden_and_is_the_same_when_it_is_given_back(string text)
    {
        HoconObject stored = HoconParser.Parse("a", text);
        string shown = HoconWriter.Write(WrittenSecrets.Hidden(stored));
        Assert.DoesNotContain("abc", shown, StringComparison.Ordinal);
        var findings = new ConfigurationFindings();
        HoconObject kept = WrittenSecrets.Kept(HoconParser.Parse("b", shown), stored, findings);
        Assert.Empty(findings.Result(null, []).Mistakes);
        Assert.Equal(HoconWriter.Write(stored), HoconWriter.Write(kept));
    }

    [Fact]
    public void What_a_setting_that_is_shown_refers_to_is_shown()
    {
        const string text = "hosts { first = \"10.0.0.1\", all { a = \"http://\"${hosts.first}\":80\" } }\nrest = 1\nactorlb.pools.web.backends = [${hosts.all.a}]";
        string shown = HoconWriter.Write(WrittenSecrets.Hidden(HoconParser.Parse("a", text)));
        Assert.Contains("10.0.0.1", shown, StringComparison.Ordinal);
        Assert.Contains("http://", shown, StringComparison.Ordinal);
        Assert.Contains("<kept: rest>", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web-key = \"<kept: web-key>\"\nactorlb.pools.shop { affinity.keys = [${web-key}], health.path = \"/\"${web-key} }")]
    [InlineData("web-key = \"<kept: web-key>\"\nactorlb.pools.shop.health.path = ${web-key}")]
    [InlineData("actorlb.pools { web.affinity.keys = [\"<kept: pools.web.affinity.keys[0]>\"], shop.health.path = ${actorlb.listeners.\"h.1\".tls.password} }\nactorlb.listeners.\"h.1\".tls.password = \"<kept: listeners.\\\"h.1\\\".tls.password>\"")]
    public void A_place_holder_gives_no_secret_to_what_can_be_read(string text)
    {
        var findings = new ConfigurationFindings();
        HoconObject kept = WrittenSecrets.Kept(HoconParser.Parse("b", text), HoconParser.Parse("a", Full), findings);
        Assert.NotEmpty(findings.Result(null, []).Mistakes);
        Assert.DoesNotContain("another key that is a text", HoconWriter.Write(kept), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actorlb.pools.shop.affinity.keys = [\"<kept: pools.web.affinity.keys[0]>\"]", "first key of web")]
    [InlineData("actorlb.pools.shop.affinity.keys = [\"<kept: pools.web.affinity.keys[9]>\"]", null)]
    [InlineData("actorlb.pools.shop.health.headers.X = \"<kept: pools.web.affinity.keys[0]>\"", null)]
    [InlineData("actorlb.pools.shop.health.host = \"<kept: pools.web.affinity.keys[0]>\"", null)]
    [InlineData("actorlb.listeners.x.tls.password = \"<kept: defaults.pool.tls.client-password>\"", null)]
    public void A_place_holder_keeps_a_secret_of_its_kind_under_the_key_that_it_names_or_is_a_mistake(string text, string? expected)
    {
        var findings = new ConfigurationFindings();
        HoconObject kept = WrittenSecrets.Kept(HoconParser.Parse("b", text), HoconParser.Parse("a", Full), findings);
        if (expected is null)
        {
            Assert.Single(findings.Result(null, []).Mistakes);
        }
        else
        {
            Assert.Empty(findings.Result(null, []).Mistakes);
            Assert.Contains(expected, HoconWriter.Write(kept), StringComparison.Ordinal);
        }
    }
}
