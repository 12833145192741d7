using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class WebhookReadingTests
{
    [Fact]
    public void A_webhook_has_an_address_and_may_have_a_secret_and_kinds()
    {
        ConfigurationResult result = Reading.ReadWithPool("""observability.webhooks = [ { url = "https://a.example/x?y", secret = ${S}, kinds = [ backend, node.ready ] }, { url = "http://b.example" } ]""", ("S", "sesame"));
        Assert.Empty(result.Mistakes);
        WebhookSettings[] read = [.. result.Settings!.Webhooks];
        Assert.Equal(("https://a.example/x?y", "sesame", "backend node.ready"), (read[0].Url.OriginalString, read[0].Secret, string.Join(' ', read[0].Kinds)));
        Assert.Equal(("http://b.example", "", 0), (read[1].Url.OriginalString, read[1].Secret, read[1].Kinds.Length));
    }

    [Theory]
    [InlineData("""{ secret = x }""", "webhooks[0].url")]
    [InlineData("""{ url = "ftp://a.example" }""", "webhooks[0].url")]
    [InlineData("""{ url = "https://user:password@a.example" }""", "webhooks[0].url")]
    [InlineData("""{ url = "https://a.example", kinds = [ backend.sideways ] }""", "webhooks[0].kinds[0]")]
    [InlineData("""{ url = "https://a.example", sekret = x }""", "webhooks[0].sekret")]
    public void What_is_wrong_is_told_at_its_key(string webhook, string key)
    {
        ConfigurationResult result = Reading.ReadWithPool($"observability.webhooks = [ {webhook} ]");
        Assert.Equal($"actorlb.observability.{key}", Assert.Single(result.Mistakes).Key);
    }

    [Fact]
    public void There_are_no_more_than_may_be()
    {
        string[] many = [.. Enumerable.Range(0, 17).Select(i => $$"""{ url = "https://a{{i}}.example" }""")];
        Assert.Empty(Reading.ReadWithPool($"observability.webhooks = [ {string.Join(", ", many[..16])} ]").Mistakes);
        Assert.NotEmpty(Reading.ReadWithPool($"observability.webhooks = [ {string.Join(", ", many)} ]").Mistakes);
    }
}
