using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Tokens;

/// <summary>
/// The tokens that open the admin API now. They follow the node's files when these are read again, so that one can be revoked at once;
/// no reload opens what was closed. Any thread.
/// </summary>
/// <param name="started">What the node was started with: its address holds for as long as it runs.</param>
internal sealed class AdminTokens(AdminSettings started)
{
    private readonly IPEndPoint _bind = started.Bind;
    private volatile AdminSettings _now = started;

    /// <summary>Whether a request needs one.</summary>
    public bool AreNeeded => !_now.Tokens.IsEmpty;

    /// <summary>In force for a request that begins now.</summary>
    public EquatableArray<AdminToken> All => _now.Tokens;

    /// <summary>Whether it opens the API still, with the same role.</summary>
    public bool Has(AdminToken token) => _now.Tokens.Contains(token);

    /// <summary>Whose token it is; null: nobody's. Takes as long for each text, whichever of them it is.</summary>
    public AdminToken? Find(string text)
    {
        TokenDigest offered = TokenDigest.Of(text);
        AdminToken? found = null;
        foreach (AdminToken token in _now.Tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(offered.Bytes, token.Digest.Bytes))
            {
                found = token;
            }
        }

        return found;
    }

    /// <summary>
    /// Whether what the files say now may hold while the node runs. Not where it would leave the API without a token, or with none but the
    /// environment's where the files had some, and not with another address: whether a token is good enough was judged by the address beside it.
    /// </summary>
    public bool MayFollow(AdminSettings read) => read.Bind.Equals(_bind)
        && (!AreNeeded || (!read.Tokens.IsEmpty && (!read.TokenIsFromEnvironment || _now.TokenIsFromEnvironment)));

    /// <summary>By names; neither a token nor its digest is in it.</summary>
    public ImmutableArray<SettingDifference> Differences(AdminSettings read) => TopologyDifferences.Between(AdminTokenTree.Of(_now.Tokens), AdminTokenTree.Of(read.Tokens));

    /// <summary>From now on, for every request that begins.</summary>
    public void Follow(AdminSettings read) => _now = read;
}
