using System.Text;
using ActorLb.Engine.Http1;
using Xunit;

namespace ActorLb.Tests.Http1;

public sealed class ConnectionAuthenticationTests
{
    [Theory]
    [InlineData("NTLM", true)]
    [InlineData("ntlm TlRMTVNTUAAB", true)]
    [InlineData("Negotiate", true)]
    [InlineData("NEGOTIATE YII=", true)]
    [InlineData("Nego2", true)]
    [InlineData("Kerberos", true)]
    [InlineData("Basic realm=\"a\", NTLM", true)]
    [InlineData(",, \tNegotiate\t", true)]
    [InlineData("Bearer, Basic realm=\"x\",Negotiate=", true)]
    [InlineData("Basic realm=\"nobody, NTLM\"", true)]
    [InlineData("Basic realm=\"NTLM\"", false)]
    [InlineData("Basic TlRMTQ==", false)]
    [InlineData("Negotiated", false)]
    [InlineData("NTLMv2", false)]
    [InlineData("Bearer Negotiate", false)]
    [InlineData("Digest username=\"NTLM\"", false)]
    [InlineData("", false)]
    public void Schemes_of_connections_are_found_in_any_place_of_a_list(string value, bool expected) =>
        Assert.Equal(expected, ConnectionAuthentication.IsNamedIn(Encoding.ASCII.GetBytes(value)));
}
