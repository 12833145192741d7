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

    [Fact]
    public void No_text_of_the_settings_shows_a_token_or_its_digest()
    {
        var settings = new AdminSettings(new IPEndPoint(IPAddress.Loopback, 0)) { Tokens = [new AdminToken("ci", TokenDigest.Of("a-token-of-ci"), AdminRole.Operate)] };
        string shown = settings.Tokens[0].ToString() + settings;
        Assert.DoesNotContain("a-token-of-ci", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(settings.Tokens[0].Digest.Bytes)[..8], shown, StringComparison.OrdinalIgnoreCase);
    }
}
