using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Admin;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class AdminCallerTests
{
    [Theory]
    [InlineData("CN=alice", "10.0.0.5, CN=alice")]
    [InlineData("CN=x) at lb2 (asked for by root", "10.0.0.5, CN=x\\29 at lb2 \\28asked for by root")]
    [InlineData("CN=a\u202eb", "10.0.0.5, CN=a\ufffdb")]
    public void A_certificates_subject_says_nothing_but_itself(string subject, string who)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.5");
        context.Connection.ClientCertificate = certificate;
        Assert.Equal(who, AdminCaller.Of(context));
    }
}
