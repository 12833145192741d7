using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Node.Tokens;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Dashboard;

/// <summary>
/// Who logged in at the dashboard. A session is a cookie with a tag that takes the cluster's secret and the token's digest to make, so
/// that each node of the cluster knows it, none keeps it, and it ends with its token. Where nodes share no secret each has a key of its own. The cookie
/// is worth nothing without the page's half, which is made of the same and of the session's id. Any thread.
/// </summary>
internal sealed class DashboardSessions
{
    /// <summary>Nobody who is not heard of for so long is logged in.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    /// <summary>A shift: whoever goes on after it logs in again.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>A cookie that is older than this is replaced by the next answer.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);

    /// <summary>Nodes' clocks may differ by so much.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(2);

    private const string Purpose = "actorlb dashboard session 1";
    private const string NamePurpose = "actorlb dashboard cookie 1";

    // Begins with another byte than a cookie, so that no half is a cookie's tag.
    private static readonly byte[] HalfPurpose = "actorlb dashboard page half 1"u8.ToArray();
    private const byte Version = 1;
    public const int IdBytes = 16;
    private const int SaidBytes = 1 + IdBytes + 8;
    private const int TagBytes = 32;

    private readonly AdminTokens _tokens;
    private readonly Func<DateTimeOffset> _now;
    private readonly ImmutableArray<byte[]> _keys;

    public DashboardSessions(ClusterSettings cluster, AdminTokens tokens, Func<DateTimeOffset> now)
    {
        _tokens = tokens;
        _now = now;
        byte[] salt = Encoding.UTF8.GetBytes(cluster.Name);
        _keys = cluster.Secrets.IsEmpty
            ? [RandomNumberGenerator.GetBytes(TagBytes)]
            : [.. cluster.Secrets.Select(s => HKDF.DeriveKey(HashAlgorithmName.SHA256, s.Bytes.ToArray(), TagBytes, salt, Encoding.UTF8.GetBytes(Purpose)))];
        CookieName = "actorlb-" + Convert.ToHexStringLower(HMACSHA256.HashData(_keys[0], Encoding.UTF8.GetBytes(NamePurpose)).AsSpan(0, 4));
    }

    /// <summary>Cookies do not tell ports apart: another cluster on this machine has another name.</summary>
    public string CookieName { get; }

    public EndedSessions Ended { get; } = new();

    /// <summary>What the browser keeps of one that begins.</summary>
    public string Begin(AdminToken token) => Write(RandomNumberGenerator.GetBytes(IdBytes), token, _now(), _now());

    /// <summary>The same session, heard of now; null: it was a moment ago.</summary>
    public string? Renew(DashboardSession session) =>
        _now() - session.Used < Renewal ? null : Write(Convert.FromHexString(session.Id), session.Token, session.Begun, _now());

    /// <summary>What the page keeps of a session, where its own scripts alone reach it: browsers give the cookie to every port of the host, and so to
    /// backends. The same for as long as the session lasts; 256 bits.</summary>
    public string HalfOf(DashboardSession session) => Base64Url.EncodeToString(Half(_keys[0], session));

    /// <summary>Null: as without the half, or that is of another session.</summary>
    public DashboardSession? Find(string cookie, string half) => Find(cookie) is { } session && IsHalfOf(session, half) ? session : null;

    /// <summary>Null: nobody made this cookie, or it is over, or its token is none any more. Without the page's half that allows nothing.</summary>
    public DashboardSession? Find(string cookie)
    {
        Span<byte> bytes = stackalloc byte[SaidBytes + TagBytes];
        if (cookie.Length != Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.TryDecodeFromChars(cookie, bytes, out int written)
            || written != bytes.Length
            || bytes[0] != Version)
        {
            return null;
        }

        Span<byte> said = bytes[..SaidBytes];
        if (TokenOf(said, bytes[SaidBytes..]) is not { } token)
        {
            return null;
        }

        var session = new DashboardSession(Convert.ToHexStringLower(said.Slice(1, IdBytes)), token, ReadTime(said[(1 + IdBytes)..]), ReadTime(said[(5 + IdBytes)..]));
        return IsGood(session) && _now() - session.Used <= Idle && session.Used <= _now() + ClockSlack ? session : null;
    }

    /// <summary>Whether one that was found goes on, for as long as it is used.</summary>
    public bool IsGood(DashboardSession session) =>
        session.Ends > _now() && session.Begun <= _now() + ClockSlack && !Ended.Contains(session.Id) && _tokens.Has(session.Token);

    /// <summary>Whoever has its cookie is logged out, at this node.</summary>
    public void End(string id, DateTimeOffset ends) => Ended.Add(id, ends, _now());

    // Each key and each token is tried: a cookie does not say which token it is of.
    private AdminToken? TokenOf(ReadOnlySpan<byte> said, ReadOnlySpan<byte> tag)
    {
        AdminToken? found = null;
        Span<byte> expected = stackalloc byte[TagBytes];
        foreach (AdminToken token in _tokens.All)
        {
            foreach (byte[] key in _keys)
            {
                Tag(key, token, said, expected);
                if (CryptographicOperations.FixedTimeEquals(tag, expected))
                {
                    found = token;
                }
            }
        }

        return found;
    }

    // By any key: secrets are replaced node by node.
    private bool IsHalfOf(DashboardSession session, string half)
    {
        Span<byte> sent = stackalloc byte[TagBytes];
        if (half.Length != Base64Url.GetEncodedLength(TagBytes) || !Base64Url.TryDecodeFromChars(half, sent, out int written) || written != TagBytes)
        {
            return false;
        }

        bool isHalf = false;
        foreach (byte[] key in _keys)
        {
            isHalf |= CryptographicOperations.FixedTimeEquals(sent, Half(key, session));
        }

        return isHalf;
    }

    private static byte[] Half(byte[] key, DashboardSession session)
    {
        byte[] half = new byte[TagBytes];
        Tag(key, session.Token, [.. HalfPurpose, .. Convert.FromHexString(session.Id)], half);
        return half;
    }

    private string Write(ReadOnlySpan<byte> id, AdminToken token, DateTimeOffset begun, DateTimeOffset used)
    {
        Span<byte> bytes = stackalloc byte[SaidBytes + TagBytes];
        bytes[0] = Version;
        id.CopyTo(bytes[1..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[(1 + IdBytes)..], (uint)begun.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32BigEndian(bytes[(5 + IdBytes)..], (uint)used.ToUnixTimeSeconds());
        Tag(_keys[0], token, bytes[..SaidBytes], bytes[SaidBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    // A token's digest alone, which may stand in a file, makes none; nor does the secret alone, once the token is gone.
    private static void Tag(byte[] key, AdminToken token, ReadOnlySpan<byte> said, Span<byte> tag)
    {
        Span<byte> ofToken = stackalloc byte[TagBytes];
        HMACSHA256.HashData(key, token.Digest.Bytes, ofToken);
        HMACSHA256.HashData(ofToken, said, tag);
    }

    private static DateTimeOffset ReadTime(ReadOnlySpan<byte> bytes) => DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes));
}
