using System.Text;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

public sealed class KnownFieldTests
{
    private static readonly KnownField[] All = [.. KnownFieldTable.Named];

    [Theory]
    [InlineData("Host", "Host")]
    [InlineData("Te", "TE")]
    [InlineData("ContentLength", "content-length")]
    [InlineData("TransferEncoding", "TRANSFER-ENCODING")]
    [InlineData("ProxyAuthenticationInfo", "Proxy-Authentication-Info")]
    [InlineData("Http2Settings", "HTTP2-Settings")]
    [InlineData("XForwardedFor", "X-Forwarded-For")]
    [InlineData("XRequestId", "x-request-ID")]
    [InlineData("Other", "Content-Type")]
    [InlineData("WwwAuthenticate", "WWW-Authenticate")]
    [InlineData("Other", "User_Agent")]
    [InlineData("Other", "X_Y")]
    [InlineData("Other", "X-Parent-Cert")]
    [InlineData("Other", "X-Origin")]
    [InlineData("Other", "X-MS-Client-Request-Id")]
    [InlineData("Other", "X-Forwarded-")]
    [InlineData("Other", "X-Forwardedly-Yours")]
    [InlineData("Other", "X-Transfer-Encoding")]
    [InlineData("Other", "X-Auth-Token")]
    [InlineData("Other", "X-Auth-Key")]
    [InlineData("Other", "X-Auth-Signature")]
    [InlineData("Other", "X-User-Id")]
    [InlineData("Other", "X-Client-Version")]
    [InlineData("Other", "X-Grafana-Org-Id")]
    [InlineData("Other", "X-HTTP-Method-Override")]
    [InlineData("Other", "HTTP-Referer")]
    [InlineData("Other", "HTTP")]
    [InlineData("Other", "Request-Id")]
    [InlineData("Other", "X-Amzn-Trace-Id")]
    [InlineData("Other", "X-Requested-With")]
    [InlineData("Other", "Proxy-Remote")]
    [InlineData("Other", "h")]
    public void A_name_is_recognised_in_any_case(string field, string name) =>
        Assert.Equal(field, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)).ToString());

    [Theory]
    [InlineData("X-Real-IP")]
    [InlineData("x-forwarded-PREFIX")]
    [InlineData("X-Forwarded-Client-Cert")]
    [InlineData("X-Forwarded-For-Whatever-Somebody-May-Still-Invent-And-Write-At-Length")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-Url")]
    [InlineData("True-Client-IP")]
    [InlineData("X-Cluster-Client-IP")]
    [InlineData("Client-Cert")]
    [InlineData("Client-Cert-Chain")]
    [InlineData("SSL-Client-Verify")]
    [InlineData("Front-End-Https")]
    [InlineData("X-MS-Client-Principal-Name")]
    [InlineData("X-Auth-Request-User")]
    [InlineData("X-Remote-User")]
    [InlineData("Remote-User")]
    [InlineData("X-MS-Client-Principal")]
    [InlineData("X-Forward-Host")]
    [InlineData("X-Forward-Proto")]
    [InlineData("WL-Proxy-SSL")]
    [InlineData("WL-Proxy-Client-IP")]
    [InlineData("WL-Proxy-Client-Keysize")]
    [InlineData("Proxy-Client-IP")]
    [InlineData("X-Auth-User")]
    [InlineData("X-Auth-Username")]
    [InlineData("X-Auth-Email")]
    [InlineData("X-Grafana-User")]
    [InlineData("X-WEBAUTH-USER")]
    [InlineData("X-WEBAUTH-EMAIL")]
    [InlineData("X-Proxy-User")]
    [InlineData("X-Proxy-Remote-User")]
    [InlineData("X-SSL-Subject")]
    [InlineData("X-SSL-Issuer")]
    [InlineData("X-SSL-DN")]
    [InlineData("X-Source-IP")]
    [InlineData("X-Script-Name")]
    [InlineData("Script-Name")]
    [InlineData("HTTP-X-Forwarded-For")]
    [InlineData("HTTP-Via")]
    public void A_name_in_which_proxies_speak_of_their_clients_is_a_claim(string name)
    {
        Assert.Equal(KnownField.ForwardingClaim, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)));
        Assert.Equal(KnownField.Disguised, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name.Replace('-', '_'))));
    }

    /// <summary>What a token may hold that is neither a letter nor a digit (RFC 9110, 5.6.2).</summary>
    private const string Marks = "!#$%&'*+.^_`|~";

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    [InlineData("Client-Cert")]
    [InlineData("Remote-User")]
    [InlineData("Content-Length")]
    [InlineData("X-Somebody-Elses-Very-Long-Name-Which-Is-Longer-Than-Any-That-We-Have-Ourselves-Client-IP")]
    public void A_name_with_any_mark_for_a_dash_is_a_disguise(string name)
    {
        foreach (char mark in Marks)
        {
            for (int dash = name.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = name.IndexOf('-', dash + 1))
            {
                string twin = name[..dash] + mark + name[(dash + 1)..];
                Assert.Equal((twin, KnownField.Disguised), (twin, KnownFieldTable.Find(Encoding.ASCII.GetBytes(twin))));
            }

            string all = name.Replace('-', mark);
            Assert.Equal((all, KnownField.Disguised), (all, KnownFieldTable.Find(Encoding.ASCII.GetBytes(all))));
        }
    }

    [Theory]
    [InlineData("X.Y")]
    [InlineData("User.Agent")]
    [InlineData("~")]
    [InlineData("#hash")]
    [InlineData("a.b-c_d")]
    [InlineData("X.Parent.Cert")]
    [InlineData("grpc.metadata-bin")]
    public void A_name_with_marks_that_is_nobodys_twin_is_an_ordinary_one(string name) =>
        Assert.Equal(KnownField.Other, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)));

    [Theory]
    [InlineData("$WSRU")]
    [InlineData("$wssc")]
    public void A_claim_that_has_marks_of_its_own_is_one(string name) =>
        Assert.Equal(KnownField.ForwardingClaim, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void Each_mark_is_seen_wherever_it_stands_in_a_name_of_any_length()
    {
        for (int length = 1; length <= 40; length++)
        {
            for (int at = 0; at < length; at++)
            {
                foreach (char mark in Marks)
                {
                    // A twin of this one, and of no other: the name before the mark is as long as it takes.
                    char[] name = ("client-cert-" + new string('a', 40))[..length].ToCharArray();
                    bool isTwin = length > "client-cert-".Length && name[at] == '-';
                    name[at] = mark;
                    KnownField found = KnownFieldTable.Find(Encoding.ASCII.GetBytes(name));
                    Assert.True(!isTwin || found == KnownField.Disguised, new string(name));
                }
            }
        }
    }

    [Theory]
    [InlineData("X_Real-Client-IP")]
    [InlineData("X_Cluster-Forwarded-For")]
    [InlineData("X-Forwarded-Pre_fix")]
    public void A_claim_with_one_underscore_is_a_disguise(string name) =>
        Assert.Equal(KnownField.Disguised, KnownFieldTable.Find(Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void Every_rule_of_claims_catches_what_it_names_wherever_that_stands()
    {
        IEnumerable<string> names = ForwardingClaims.Names
            .Concat(ForwardingClaims.Prefixes.SelectMany(p => p.EndsWith('-') ? new[] { p + "a", p + "some-words" } : [p, p + "s", p + "-of-it"]))
            .Concat(ForwardingClaims.Suffixes.SelectMany(s => new[] { s, "x-" + s, "somebody-s" + s }));
        foreach (string name in names)
        {
            for (int before = 0; before < 12; before++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(new string('~', before) + name.ToUpperInvariant() + ":");
                Assert.True(KnownFieldTable.Find(ref bytes[0], before, name.Length) != KnownField.Other, name);
            }
        }
    }

    [Fact]
    public void A_known_name_with_underscores_is_a_disguise_wherever_these_stand()
    {
        foreach (KnownField field in All)
        {
            string name = KnownFieldTable.NameOf(field);
            int[] dashes = [.. Enumerable.Range(0, name.Length).Where(i => name[i] == '-')];
            for (int which = 1; which < 1 << dashes.Length; which++)
            {
                char[] disguised = name.ToCharArray();
                for (int i = 0; i < dashes.Length; i++)
                {
                    disguised[dashes[i]] = (which & (1 << i)) != 0 ? '_' : '-';
                }

                for (int before = 0; before < 12; before++)
                {
                    byte[] bytes = Encoding.ASCII.GetBytes(new string('~', before) + new string(disguised) + ":");
                    Assert.Equal(KnownField.Disguised, KnownFieldTable.Find(ref bytes[0], before, name.Length));
                }
            }
        }
    }

    [Fact]
    public void Every_known_field_is_found_by_its_name_wherever_that_stands()
    {
        foreach (KnownField field in All)
        {
            string name = KnownFieldTable.NameOf(field);
            for (int before = 0; before < 12; before++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(new string('~', before) + name.ToUpperInvariant() + ":");
                Assert.Equal(field, KnownFieldTable.Find(ref bytes[0], before, name.Length));
            }
        }
    }

    [Fact]
    public void A_name_that_differs_in_one_token_character_is_another_one()
    {
        foreach (KnownField field in All)
        {
            byte[] name = Encoding.ASCII.GetBytes(KnownFieldTable.NameOf(field));
            for (int i = 0; i < name.Length; i++)
            {
                byte own = name[i];
                for (int other = '!'; other <= '~'; other++)
                {
                    name[i] = (byte)other;
                    bool isSame = char.ToLowerInvariant((char)other) == own;
                    if (Tokens.IsToken(name))
                    {
                        Assert.True(isSame == (KnownFieldTable.Find(name) == field), Encoding.ASCII.GetString(name));
                    }
                }

                name[i] = own;
            }
        }
    }

    [Fact]
    public void A_longer_or_shorter_name_is_another_one()
    {
        foreach (KnownField field in All)
        {
            string name = KnownFieldTable.NameOf(field);
            foreach (string other in new[] { "x" + name, name + "x", "-" + name, name + "-", name[1..], name[..^1] })
            {
                Assert.NotEqual(field, KnownFieldTable.Find(Encoding.ASCII.GetBytes(other)));
            }
        }
    }
}
