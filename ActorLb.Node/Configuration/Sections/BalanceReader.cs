using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>balance and hash of a pool.</summary>
internal static class BalanceReader
{
    private const string Expected = "\"header:NAME\", \"cookie:NAME\", path or client-address";

    /// <param name="complete">It is a pool, and not what pools have by default.</param>
    public static BalanceSettings Read(ConfigurationCursor pool, bool complete)
    {
        ConfigurationCursor on = pool["hash"]["on"];
        var read = on.As<BalanceSettings>(ReadOn, Expected, BalanceSettings.RoundRobin) with
        {
            Kind = pool["balance"].Choice(
                ("round-robin", BalanceKind.RoundRobin), ("least-requests", BalanceKind.LeastRequests), ("power-of-two", BalanceKind.PowerOfTwo), ("hash", BalanceKind.Hash)),
        };
        if (complete && read.Kind != BalanceKind.Hash && ConfigurationCursor.ToBlame(on) is not null && !pool["balance"].HasMistakes)
        {
            on.Warn("nothing is hashed: the pool's balance is another one", "balance = hash");
        }

        return read;
    }

    /// <summary>As an operator writes it.</summary>
    public static string Write(BalanceSettings balance)
    {
        string on = balance.On switch
        {
            HashOn.Header => "header",
            HashOn.Cookie => "cookie",
            HashOn.Path => "path",
            _ => "client-address",
        };
        return balance.Name.Length == 0 ? on : $"{on}:{balance.Name}";
    }

    private static string? ReadOn(string text, out BalanceSettings read)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "" : text[(colon + 1)..];
        HashOn? on = (colon < 0 ? text : text[..colon]) switch
        {
            "header" when colon >= 0 => HashOn.Header,
            "cookie" when colon >= 0 => HashOn.Cookie,
            "path" when colon < 0 => HashOn.Path,
            "client-address" when colon < 0 => HashOn.ClientAddress,
            _ => null,
        };
        read = BalanceSettings.RoundRobin with { On = on ?? HashOn.ClientAddress, Name = name };
        return on is null ? $"'{text}' is nothing that is hashed"
            : colon >= 0 && !IsToken(name) ? $"'{name}' is no name of a {text[..colon]}"
            : null;
    }

    // RFC 9110, 5.6.2.
    private static bool IsToken(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
