using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ForeignFormatTests
{
    [Theory]
    [InlineData("actorlb {\n  listeners {\n    http {\n      bind \":80\"\n    }\n  }\n}\n")]
    [InlineData("\"actorlb\" : {\n  pools {\n    stream {\n")]
    [InlineData("actorlb\n{\n  listeners {\n    http {\n")]
    public void What_begins_with_our_section_is_ours_however_its_parts_are_called(string text) => Assert.Null(ForeignFormat.Of(text));

    [Theory]
    [InlineData("worker_processes 1;\nevents { worker_connections 1024; }\nhttp {\n  server { listen 80; }\n}\n", "this is nginx's configuration")]
    [InlineData("server {\n    listen 80;\n    location / { proxy_pass http://app; }\n}\n", "this is nginx's configuration")]
    [InlineData("global\n    daemon\ndefaults\n    mode http\nfrontend web\n    bind *:80\n", "this is HAProxy's configuration")]
    [InlineData("actorlb:\n  pools:\n    web:\n      backends:\n        - http://10.0.0.1:80\n", "this is YAML")]
    [InlineData("---\nhttp:\n  routers: {}\n", "this is YAML")]
    [InlineData("static_resources:\n  listeners:\n  - name: a\n", "this is Envoy's configuration (YAML)")]
    [InlineData("[http.routers.a]\n  rule = \"Host(`x`)\"\n", "this is TOML")]
    [InlineData("<configuration>\n</configuration>\n", "this is XML")]
    [InlineData("{ \"ReverseProxy\": { \"Routes\": { }, \"Clusters\": { } } }", "this is YARP's configuration (appsettings.json)")]
    [InlineData(":8080 {\n\treverse_proxy 10.0.0.1:80 10.0.0.2:80\n}\n", "this is Caddy's configuration (Caddyfile)")]
    [InlineData("example.org\n\nencode gzip\nreverse_proxy localhost:9000\n", "this is Caddy's configuration (Caddyfile)")]
    [InlineData("", "this file is empty")]
    [InlineData("# nothing yet\n", "there is no actorlb { … } in it")]
    [InlineData("{ \"Logging\": { } }", "there is no actorlb { … } in it")]
    public void What_was_written_for_another_program_is_told_as_that_and_as_nothing_else(string text, string problem)
    {
        ConfigurationResult read = ConfigurationLoader.FromText("other", text, Reading.Environment());
        string mistake = Assert.Single(read.Mistakes).ToString();
        Assert.StartsWith($"other: {problem}; expected HOCON: actorlb {{", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actorlb {\n  pools { web { backends = [ \"http://a:1\" ] }\n", "node.conf:2:9: the { that opens here is never closed")]
    [InlineData("actorlb.pools.web.backends = [ \"http://a:1\", \"http://b:1 ]", "node.conf:1:46: the quote that opens here is not closed on its line")]
    public void A_mistake_in_a_file_of_ours_stays_one_at_its_line(string text, string problem)
    {
        string mistake = Assert.Single(ConfigurationLoader.FromText("node.conf", text, Reading.Environment()).Mistakes).ToString();
        Assert.StartsWith(problem, mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actorlb { listeners { } pools { web { backends = [\"http://a:1\"] } } }", "node.conf:1:25: 'pools' right after a closing brace; expected a comma or a new line between two keys")]
    [InlineData("actorlb { pools { web { backends = [\"http://a:1\"] retry.attempts = 1 } } }", "node.conf:1:51: 'retry.attempts' right after a closing bracket; expected a comma or a new line between two keys")]
    [InlineData("actorlb.pools.web.backends = [\"http://a:1\" \"http://b:2\"]", "node.conf:1:44: 'http://b:2' right after another value; expected a comma or a new line between two values of a list, or quotes around one that holds blanks")]
    [InlineData("actorlb.pools.web.backends = [{ address = \"http://a:1\" } { address = \"http://b:2\" }]", "node.conf:1:58: { right after a closing brace; expected a comma or a new line between two values of a list")]
    public void A_missing_comma_between_two_keys_or_values_of_a_line_is_told_once(string text, string expected)
    {
        Assert.Equal(expected, Assert.Single(ConfigurationLoader.FromText("node.conf", text, Reading.Environment()).Mistakes).ToString());
    }

    [Fact]
    public void Keys_outside_of_actorlb_are_told_without_what_is_missing_because_of_them()
    {
        ConfigurationResult read = ConfigurationLoader.FromText(
            "node.conf", "listeners.http.bind = \"127.0.0.1:80\"\npools.web.backends = [\"http://a:1\"]", Reading.Environment());
        Assert.Equal(
            [
                "node.conf:1:1: listeners: this stands outside of actorlb; expected 'actorlb.listeners'",
                "node.conf:2:1: pools: this stands outside of actorlb; expected 'actorlb.pools'",
            ],
            read.Mistakes.Select(m => m.ToString()));
    }

    [Fact]
    public void A_port_without_an_address_is_told_as_that()
    {
        ConfigurationResult read = Reading.ReadWithPool("listeners.http.bind = \":8081\"");
        Assert.Contains("':8081' has no address before its port", Assert.Single(read.Mistakes).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_beside_one_of_ours_changes_nothing()
    {
        ConfigurationResult read = ConfigurationLoader.FromTexts(
            [new("node.conf", "actorlb.pools.web.backends = [\"http://a:1\"]"), new("extra.conf", "")], Reading.Environment());
        Assert.NotNull(read.Settings);
    }
}
