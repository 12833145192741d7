using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace ActorLb.Engine.Certificates;

internal enum PrivateKeyProblem
{
    None,
    Missing,
    NoPassword,
    WrongPassword,

    /// <summary>By a cipher that only the traditional form has and that is not known here.</summary>
    UnknownEncryption,
    Unreadable,
}

/// <summary>Reads the first private key of a PEM text: RSA or EC, as PKCS#8 (RFC 7468, 10 and 11) or in OpenSSL's traditional form, encrypted or not.</summary>
internal static partial class PrivateKeyPem
{
    /// <returns>An <see cref="RSA"/> or <see cref="ECDsa"/>; null where there is a problem.</returns>
    public static AsymmetricAlgorithm? Read(string pem, string password, out PrivateKeyProblem problem)
    {
        Match block = Block().Match(pem);
        if (!block.Success)
        {
            problem = PrivateKeyProblem.Missing;
            return null;
        }

        string label = block.Groups["label"].Value;
        string body = block.Groups["body"].Value;
        bool isTraditional = TraditionalEncryption.IsUsed(body);
        bool isEncrypted = isTraditional || label == "ENCRYPTED PRIVATE KEY";
        if (isEncrypted && password.Length == 0)
        {
            problem = PrivateKeyProblem.NoPassword;
            return null;
        }

        problem = isEncrypted ? PrivateKeyProblem.WrongPassword : PrivateKeyProblem.Unreadable;
        try
        {
            byte[]? der = isTraditional ? TraditionalEncryption.Decrypt(body, password) : Convert.FromBase64String(body);
            if (der is null)
            {
                problem = PrivateKeyProblem.UnknownEncryption;
                return null;
            }

            AsymmetricAlgorithm? key = Import(RSA.Create(), label, der, password) ?? Import(ECDsa.Create(), label, der, password);
            problem = key is null ? problem : PrivateKeyProblem.None;
            return key;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static AsymmetricAlgorithm? Import(AsymmetricAlgorithm key, string label, byte[] der, string password)
    {
        try
        {
            switch (label)
            {
                case "RSA PRIVATE KEY" when key is RSA rsa:
                    rsa.ImportRSAPrivateKey(der, out _);
                    return key;
                case "EC PRIVATE KEY" when key is ECDsa ec:
                    ec.ImportECPrivateKey(der, out _);
                    return key;
                case "PRIVATE KEY":
                    key.ImportPkcs8PrivateKey(der, out _);
                    return key;
                case "ENCRYPTED PRIVATE KEY":
                    key.ImportEncryptedPkcs8PrivateKey(password, der, out _);
                    return key;
            }
        }
        catch (CryptographicException)
        {
            // Of the other kind, or not to be opened.
        }

        key.Dispose();
        return null;
    }

    [GeneratedRegex("-----BEGIN (?<label>([A-Z0-9]+ )?PRIVATE KEY)-----(?<body>[^-]*(-(?!----)[^-]*)*)-----END \\k<label>-----", RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
