using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.admin.token and tokens. What is read of a token is its digest; a token is never shown, not even a wrong one.</summary>
internal static class AdminTokenReader
{
    /// <summary>Each costs every request a comparison.</summary>
    private const int TokensMax = 64;

    private const string HashPrefix = "sha256:";
    private const int HashDigits = 2 * TokenDigest.Length;
    private const string Expected = "a text, or sha256: and the 64 hexadecimal digits of its SHA-256";

    // Of an empty text, which "sha256sum < /dev/null" prints.
    private static readonly TokenDigest OfNothing = TokenDigest.Of("");

    /// <param name="bind">Where others can guess, a token must be one that cannot be guessed.</param>
    public static ImmutableArray<AdminToken> Read(ConfigurationCursor admin, IPAddress bind)
    {
        bool canBeGuessed = !IPAddress.IsLoopback(bind);
        var tokens = ImmutableArray.CreateBuilder<AdminToken>();
        ConfigurationCursor one = admin["token"];
        ConfigurationCursor several = admin["tokens"];

        // The environment's is the command line's own: where the files say who may operate, it is nobody's but theirs.
        bool counts = one.Exists && (!one.IsDefault || several.IsDefault);
        if (counts && one.Text("a text, or the key left out for none") is { Length: > 0 } text && Digest(one, text, canBeGuessed) is { } digest)
        {
            tokens.Add(new AdminToken(AdminToken.DefaultName, digest, AdminRole.Operate));
        }

        IReadOnlyList<ConfigurationCursor> items = several.Items();
        if (items.Count > TokensMax)
        {
            several.Complain($"these are {items.Count} tokens", $"{TokensMax} at most");
        }

        foreach (ConfigurationCursor item in items.Take(TokensMax))
        {
            if (Read(item, canBeGuessed) is not { } token)
            {
                continue;
            }

            if (tokens.FirstOrDefault(t => t.Name == token.Name) is not null)
            {
                item["name"].Complain($"there is a token named '{token.Name}' already", token.Name == AdminToken.DefaultName ? "another name; admin.token has this one" : "another name");
            }
            else if (tokens.FirstOrDefault(t => t.Digest.Equals(token.Digest)) is { } same)
            {
                item["token"].Complain($"this is the token of '{same.Name}'{(counts && same == tokens[0] ? $" (admin.token, {one.Origin})" : "")} as well, and nobody could tell who calls", "a token of its own");
            }

            tokens.Add(token);
        }

        return tokens.ToImmutable();
    }

    private static AdminToken? Read(ConfigurationCursor item, bool canBeGuessed)
    {
        string name = item["name"].As<string>(Names.Read, Names.Expected, "");
        AdminRole role = item["role"].Choice(("read", AdminRole.Read), ("operate", AdminRole.Operate));
        ConfigurationCursor key = item["token"];
        if (key.Text(Expected) is not { } text)
        {
            return null;
        }

        if (text.Length == 0)
        {
            key.Complain("the token is empty", Expected);
            return null;
        }

        return Digest(key, text, canBeGuessed) is { } digest && name.Length > 0 ? new AdminToken(name, digest, role) : null;
    }

    private static TokenDigest? Digest(ConfigurationCursor key, string text, bool canBeGuessed)
    {
        if (text.StartsWith(HashPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return OfHash(key, text[HashPrefix.Length..]);
        }

        if (!Names.IsVisible(text))
        {
            key.Complain("the token holds blanks or characters beyond ASCII", "visible ASCII characters (RFC 6750, 2.1)");
            return null;
        }

        if (canBeGuessed && SecretWord.Problem(text) is { } problem)
        {
            key.Complain(
                $"the token {problem} and the admin API can be reached from other machines",
                $"{SecretWord.LengthMin} characters or more, such as \"openssl rand -hex 16\" prints");
            return null;
        }

        return TokenDigest.Of(text);
    }

    private static TokenDigest? OfHash(ConfigurationCursor key, string digits)
    {
        if (digits.Length != HashDigits || !digits.All(char.IsAsciiHexDigit))
        {
            key.Complain(
                $"behind sha256: there are {digits.Length} characters{(digits.Length == HashDigits ? ", and not all are hexadecimal digits" : "")}",
                "the 64 hexadecimal digits that \"printf %s TOKEN | sha256sum\" prints");
            return null;
        }

        var digest = new TokenDigest(Convert.FromHexString(digits));
        if (digest.Equals(OfNothing))
        {
            key.Complain("this is the SHA-256 of an empty text", "that of a token: \"printf %s TOKEN | sha256sum\"");
            return null;
        }

        return digest;
    }
}
