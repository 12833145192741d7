using System.Net;
using ActorLb.Node.Configuration;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminTokensTests
{
    [Fact]
    public void A_token_is_found_whether_its_text_or_its_hash_is_written()
    {
        ConfigurationResult read = Reading.ReadWithPool(
            "admin { token = first, tokens = [{ name = grafana, role = read, token = \"sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4\" }, { name = ci, role = operate, token = third }] }");
        Assert.Empty(read.Mistakes);
        var tokens = new AdminTokens(read.Settings!.Admin);
        Assert.Equal(("default", AdminRole.Operate), Found("first"));
        Assert.Equal(("grafana", AdminRole.Read), Found("second"));
        Assert.Equal(("ci", AdminRole.Operate), Found("third"));
        foreach (string other in (string[])["", "firs", "firstt", "First", "sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4", "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"])
        {
            Assert.Null(tokens.Find(other));
        }

        (string?, AdminRole?) Found(string text) => tokens.Find(text) is { } token ? (token.Name, token.Role) : (null, null);
    }

    [Theory]
    [InlineData("", "default", true)]
    [InlineData("admin.tokens = [{ name = bob, token = a-token-of-bob, role = read }]", "bob", false)]
    [InlineData("admin.tokens = []", "", false)]
    [InlineData("admin.token = one-of-the-file", "default", false)]
    [InlineData("admin { token = ${?ACTORLB_ADMIN_TOKEN}, tokens = [{ name = bob, token = a-token-of-bob, role = read }] }", "default bob", false)]
    public void The_environment_gives_a_node_a_token_only_where_no_file_says_who_has_one(string inside, string names, bool isFromEnvironment)
    {
        ConfigurationResult read = Reading.ReadWithPool(inside, ("ACTORLB_ADMIN_TOKEN", "a-token-of-eve"));
        Assert.Empty(read.Mistakes);
        AdminSettings admin = read.Settings!.Admin;
        Assert.Equal((names, isFromEnvironment), (string.Join(' ', admin.Tokens.Select(t => t.Name)), admin.TokenIsFromEnvironment));
    }

    [Fact]
    public void Who_has_the_variable_and_lost_his_token_is_refused()
    {
        const string Ann = "admin.tokens = [{ name = ann, token = a-token-of-ann, role = operate }";
        AdminSettings both = Read(Ann + ", { name = bob, token = a-token-of-bob, role = operate }]");
        var tokens = new AdminTokens(both);
        Assert.Equal("bob", tokens.Find("a-token-of-bob")?.Name);
        Assert.True(tokens.MayFollow(Read(Ann + "]")));
        tokens.Follow(Read(Ann + "]"));
        Assert.Null(tokens.Find("a-token-of-bob"));

        // No tokens at all in the files: the environment's does not take their place while the node runs.
        Assert.False(tokens.MayFollow(Read("")));
        Assert.True(new AdminTokens(Read("")).MayFollow(Read("")));

        static AdminSettings Read(string inside) => Reading.ReadWithPool(inside, ("ACTORLB_ADMIN_TOKEN", "a-token-of-bob")).Settings!.Admin;
    }

    [Fact]
    public void Two_names_for_one_token_say_where_each_is()
    {
        ConfigurationMistake mistake = Assert.Single(Reading.ReadWithPool(
            "admin { token = ${ACTORLB_ADMIN_TOKEN}\n tokens = [{ name = bob, token = a-token-of-bob, role = read }] }", ("ACTORLB_ADMIN_TOKEN", "a-token-of-bob")).Mistakes);
        Assert.Contains("this is the token of 'default' (admin.token, node.conf:3:9) as well", mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_the_settings_shows_a_token_or_its_digest()
    {
        var settings = new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)) { Tokens = [new AdminToken("ci", TokenDigest.Of("a-token-of-ci"), AdminRole.Operate)] };
        string shown = settings.Tokens[0].ToString() + settings;
        Assert.DoesNotContain("a-token-of-ci", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(settings.Tokens[0].Digest.Bytes)[..8], shown, StringComparison.OrdinalIgnoreCase);
    }
}
