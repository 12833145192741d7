using System.Text;
using ActorLb.Engine.Http1;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Http1;

public sealed class NormalPathTests
{
    private static readonly Gen<char> Octet = Gen.OneOf(Gen.Int[0, 7].Select(i => "./%a2F\\;"[i]), Gen.Int[0, 255].Select(o => (char)o));

    [Theory]
    [InlineData("/private", "/private")]
    [InlineData("/private?/../x", "/private")]
    [InlineData("/%70rivate", "/private")]
    [InlineData("/./private", "/private")]
    [InlineData("/x/../private", "/private")]
    [InlineData("/x/%2e%2e/private", "/private")]
    [InlineData("/x/.%2E/private", "/private")]
    [InlineData("//private", "/private")]
    [InlineData("/a//../private", "/private")]
    [InlineData("/../../private", "/private")]
    [InlineData("/private%2fx", "/private%2Fx")]
    [InlineData("/x%2F..%2Fprivate", "/x%2F..%2Fprivate")]
    [InlineData("/private%5cx", "/private\\x")]
    [InlineData("/x\\..\\private", "/x\\..\\private")]
    [InlineData("/private;x", "/private;x")]
    [InlineData("/a/..;/private", "/a/..;/private")]
    [InlineData("/a/..%3b/private", "/a/..;/private")]
    [InlineData("/PRIVATE", "/PRIVATE")]
    [InlineData("/%2570rivate", "/%2570rivate")]
    [InlineData("/a+b", "/a+b")]
    [InlineData("/a%00b", "/a%00b")]
    [InlineData("/%70rivate/%ff", "/private/%FF")]
    [InlineData("/x/%2e%2e/private/%80", "/private/%80")]
    [InlineData("/%2e/private/%fe", "/private/%FE")]
    [InlineData("/%ff/%2e%2e/%70rivate", "/private")]
    [InlineData("/%70rivate/%c0%af", "/private/%C0%AF")]
    [InlineData("/%70%ED%A0%80%72", "/p%ED%A0%80r")]
    [InlineData("/%70rivate%c3", "/private%C3")]
    [InlineData("/%c3%a4/%C3%A4%a4", "/ä/ä%A4")]
    [InlineData("/%F0%9F%90%88", "/\U0001F408")]
    [InlineData("/my%20files", "/my files")]
    [InlineData("/a%2f%3F%23%25%0a%7f", "/a%2F%3F%23%25%0A%7F")]
    [InlineData("/%252F", "/%252F")]
    [InlineData("/100%", "/100%25")]
    [InlineData("/%6", "/%256")]
    [InlineData("/%6g%61", "/%256ga")]
    [InlineData("/a/..%2f../b", "/a/..%2F../b")]
    [InlineData("*", "/")]
    [InlineData("", "/")]
    public void A_path_is_compared_as_what_it_means(string target, string path)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(target);
        var read = new char[Math.Max(1, NormalPath.CharsPerOctet * bytes.Length)];

        int length = NormalPath.Read(bytes, read, new byte[read.Length]);

        Assert.Equal(path, new string(read, 0, length));
    }

    [Fact]
    public void What_a_path_means_does_not_depend_on_which_of_its_octets_are_encoded_and_means_itself() => Gen.Select(Octet.Array[0, 12], Gen.Bool.Array[12, 12]).Sample((octets, encoded) =>
    {
        string written = "/" + string.Concat(octets.Select((o, i) => encoded[i] || MustBeEncoded(o) ? $"%{(int)o:x2}" : o.ToString()));
        string all = "/" + string.Concat(octets.Select(o => o == '/' ? "/" : $"%{(int)o:X2}"));

        string path = NormalPath.Of(written);

        Assert.Equal(path, NormalPath.Of(path));
        if (!octets.Where((o, i) => o == '/' && encoded[i]).Any())
        {
            Assert.Equal(path, NormalPath.Of(all));
        }
    });

    [Theory]
    [InlineData("/..", true)]
    [InlineData("/a/%2e./../b", true)]
    [InlineData("/a/../b", false)]
    [InlineData("/a/..", false)]
    [InlineData("/..a", false)]
    public void What_leads_out_is_told(string target, bool leadsOut)
    {
        NormalPath.Of(target, out bool told);
        Assert.Equal(leadsOut, told);
    }

    // Not what is beyond ASCII as it is: no request has it, and octets of a text are not those of a target.
    private static bool MustBeEncoded(char octet) => octet is <= ' ' or '%' or '?' or '#' or >= (char)0x7F;
}
