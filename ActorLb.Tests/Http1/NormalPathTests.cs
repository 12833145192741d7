using System.Text;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

public sealed class NormalPathTests
{
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
    [InlineData("/private%2fx", "/private%2fx")]
    [InlineData("/x%2F..%2Fprivate", "/x%2F..%2Fprivate")]
    [InlineData("/private%5cx", "/private\\x")]
    [InlineData("/x\\..\\private", "/x\\..\\private")]
    [InlineData("/private;x", "/private;x")]
    [InlineData("/a/..;/private", "/a/..;/private")]
    [InlineData("/a/..%3b/private", "/a/..;/private")]
    [InlineData("/PRIVATE", "/PRIVATE")]
    [InlineData("/%2570rivate", "/%70rivate")]
    [InlineData("/a+b", "/a+b")]
    [InlineData("/a%00b", "/a%00b")]
    public void A_path_is_compared_as_what_it_means(string target, string path)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(target);
        var read = new char[bytes.Length];

        int length = NormalPath.Read(bytes, read, new byte[bytes.Length]);

        Assert.Equal(path, new string(read, 0, length));
    }
}
