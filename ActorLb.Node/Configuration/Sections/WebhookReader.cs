using System.Collections.Immutable;
using ActorLb.Node.Events;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.observability.webhooks.</summary>
internal static class WebhookReader
{
    /// <summary>Each has a queue and a connection.</summary>
    private const int WebhooksMax = 16;

    private const string UrlExpected = "an address such as \"https://chat.example.com/hooks/actorlb\"";

    private const string KindExpected = "a kind of events such as backend.down, or what is before its dot";

    public static ImmutableArray<WebhookSettings> ReadAll(ConfigurationCursor observability)
    {
        ConfigurationCursor several = observability["webhooks"];
        IReadOnlyList<ConfigurationCursor> items = several.Items();
        if (items.Count > WebhooksMax)
        {
            several.Complain($"these are {items.Count} webhooks", $"{WebhooksMax} at most");
        }

        return [.. items.Take(WebhooksMax).Select(Read).OfType<WebhookSettings>()];
    }

    private static WebhookSettings? Read(ConfigurationCursor item)
    {
        Uri? url = item["url"].As<Uri?>(ReadUrl, UrlExpected, null);
        string secret = item["secret"] is { Exists: true } written ? written.Text("a text, or the key left out for none") ?? "" : "";
        string[] kinds = item["kinds"] is { Exists: true } named ? [.. named.ItemsOrWords().Select(k => k.As<string>(ReadKind, KindExpected, ""))] : [];
        return url is null ? null : new WebhookSettings(url, secret) { Kinds = [.. kinds.Where(k => k.Length > 0)] };
    }

    private static string? ReadUrl(string text, out Uri? url) =>
        !Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) ? "this is no address of http or https"
        : url.UserInfo.Length > 0 ? "a name and a password in an address end up in logs"
        : null;

    private static string? ReadKind(string text, out string kind)
    {
        kind = text;
        _ = EventFilter.KindsOf(text, out string? unknown);
        return unknown is null ? null : $"there is no kind '{unknown}'";
    }
}
