using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLb.Chaos.Lab;

/// <summary>Certificates of one site, each in a file together with its key and its issuer, from an authority that lives as long as the run.</summary>
public sealed class CertificateFiles : IDisposable
{
    /// <summary>The name for which they are.</summary>
    public const string Site = "site.test";

    private readonly string _folder;
    private readonly X509Certificate2 _authority;
    private readonly ConcurrentDictionary<int, string> _serials = [];

    public CertificateFiles(string folder)
    {
        _folder = folder;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=laboratory", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public string PathOf(int number) => Path.Combine(_folder, $"site-{number}.pem");

    /// <summary>Another certificate and another key, in the place of those that are in the file; readers find one pair or the other.</summary>
    /// <returns>The serial number of the new one, in hexadecimal digits.</returns>
    public async Task<string> RenewAsync(int number)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Site}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Site);
        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(12);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        using X509Certificate2 certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), serial);
        string next = $"{PathOf(number)}.next";
        await File.WriteAllTextAsync(next, $"{certificate.ExportCertificatePem()}\n{_authority.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n", Encoding.ASCII);
        File.Move(next, PathOf(number), overwrite: true);
        return _serials[number] = certificate.SerialNumber;
    }

    /// <summary>Of the certificate that is in the file.</summary>
    public string SerialOf(int number) => _serials[number];

    /// <summary>For handshakes of clients that believe whatever comes from the authority, and nothing else.</summary>
    /// <param name="seen">Told the serial number of the certificate that is shown.</param>
    public SslClientAuthenticationOptions ForClients(Action<string> seen)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority);
        return new SslClientAuthenticationOptions
        {
            TargetHost = Site,

            // A resumed session shows no certificate.
            AllowTlsResume = false,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                if (certificate is X509Certificate2 shown)
                {
                    seen(shown.SerialNumber);
                }

                return errors == SslPolicyErrors.None;
            },
        };
    }

    public void Dispose() => _authority.Dispose();
}
