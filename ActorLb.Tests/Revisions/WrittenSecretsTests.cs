using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
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
