using System.Globalization;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>The tokens of the admin API by their names. Neither a token nor its digest is shown by it. Pure.</summary>
internal static class AdminTokenTree
{
    public static SettingTree Of(EquatableArray<AdminToken> tokens)
    {
        var keys = new SettingTreeBuilder("admin.tokens");
        foreach (AdminToken token in tokens)
        {
            keys.SharedSecret(
                SettingTreeBuilder.Quoted(token.Name),
                $"{{ role = {SettingTreeBuilder.Word(token.Role)}, token = {SettingTreeBuilder.SecretText} }}",
                Convert.ToHexString(token.Digest.Bytes));
        }

        return keys.Build(string.Create(CultureInfo.InvariantCulture, $"{{ {tokens.Length} token{(tokens.Length == 1 ? "" : "s")} }}"));
    }
}
