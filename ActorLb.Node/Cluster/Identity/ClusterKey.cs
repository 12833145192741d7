using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cluster.Identity;

/// <summary>
/// The key pair that a secret stands for, the same on every node: ECDSA over P-256. The cluster's name is a part of it, so
/// that clusters of two names are strangers also where they were given one secret.
/// </summary>
internal static class ClusterKey
{
    private const string Purpose = "actorlb cluster key 1";

    /// <summary>16 bytes more than the scalar has, so that the remainder favours none (FIPS 186-5, A.2.1, asks for 8).</summary>
    private const int WideBytes = ScalarBytes + 16;

    private const int ScalarBytes = 32;

    /// <summary>The order of P-256 (SP 800-186, 3.2.1.3).</summary>
    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    public static ECDsa Derive(ClusterSecret secret, string clusterName)
    {
        byte[] wide = new byte[WideBytes];
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, secret.Bytes, wide, Encoding.UTF8.GetBytes(Purpose), Encoding.UTF8.GetBytes(clusterName));
        BigInteger scalar = (new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        byte[] least = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        byte[] d = [.. new byte[ScalarBytes - least.Length], .. least];
        CryptographicOperations.ZeroMemory(wide);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
    }
}
