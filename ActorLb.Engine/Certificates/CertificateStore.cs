using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorLb.Engine.Files;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Certificates;

/// <summary>Loads certificates, keys and roots from files, and says which value is wrong where it cannot.</summary>
/// <param name="read">The bytes of a file; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
public sealed class CertificateStore(Func<string, byte[]> read)
{
    /// <summary>A bundle of every public root is a quarter of it.</summary>
    private const int FileBytesMax = 1 << 20;

    private const int WrongPassword = unchecked((int)0x80070056);

    public static readonly CertificateStore OfFiles = new(ReadFile);

    /// <summary>Of files, which notes what was in them: a hash for each, in the order in which they are read.</summary>
    internal static CertificateStore Noting(List<string> contents) => new(path =>
    {
        byte[] bytes = ReadFile(path);
        contents.Add(FileContents.HashOf(bytes));
        return bytes;
    });

    /// <summary>A certificate with its key and whatever issuers stand beside it.</summary>
    /// <exception cref="CertificateFileException">A file cannot be read, or they do not fit together.</exception>
    public LoadedCertificate Load(CertificateSettings settings)
    {
        byte[] bytes = Read(CertificatePart.Certificate, settings.Certificate);
        if (TextOf(bytes) is { } pem)
        {
            return WithKey(settings, Certificates(settings.Certificate, pem), settings.Key.Length == 0 ? pem : KeyText(settings));
        }

        switch (Kind(settings.Certificate, bytes))
        {
            case X509ContentType.Cert when settings.Key.Length > 0:
                return WithKey(settings, [X509CertificateLoader.LoadCertificate(bytes)], KeyText(settings));
            case X509ContentType.Cert:
                throw new CertificateFileException(CertificatePart.Key, $"'{settings.Certificate}' holds a certificate without its private key");
            case X509ContentType.Pkcs12 when settings.Key.Length > 0:
                throw new CertificateFileException(
                    CertificatePart.Key, $"'{settings.Certificate}' is a PFX file, which has its key inside, and '{settings.Key}' is named as well");
            case X509ContentType.Pkcs12:
                return FromPfx(settings, bytes);
            default:
                throw new CertificateFileException(CertificatePart.Certificate, $"'{settings.Certificate}' is neither a PEM nor a PFX file");
        }
    }

    /// <summary>The certificates of a PEM file.</summary>
    /// <exception cref="CertificateFileException">It cannot be read, or holds none.</exception>
    public X509Certificate2Collection LoadRoots(string file)
    {
        byte[] bytes = Read(CertificatePart.Certificate, file);
        return TextOf(bytes) is { } pem ? Certificates(file, pem)
            : Kind(file, bytes) == X509ContentType.Cert ? [X509CertificateLoader.LoadCertificate(bytes)]
            : throw new CertificateFileException(CertificatePart.Certificate, $"'{file}' is no PEM file");
    }

    /// <summary>The bytes of a file, at most so many as a certificate's may have.</summary>
    public static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is a directory");
        }

        byte[] bytes = FileKind.ReadRegular(path, FileBytesMax);
        return bytes.Length > 0 ? bytes : throw new IOException("it is empty");
    }

    private byte[] Read(CertificatePart part, string path)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CertificateFileException(part, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"there is no file '{path}'",
                UnauthorizedAccessException => $"'{path}' cannot be read: permission denied",
                _ => $"'{path}' cannot be read: {e.Message}",
            });
        }
    }

    private string KeyText(CertificateSettings settings) =>
        TextOf(Read(CertificatePart.Key, settings.Key))
        ?? throw new CertificateFileException(CertificatePart.Key, $"'{settings.Key}' is no PEM file");

    private static string? TextOf(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        return text.Contains("-----BEGIN ", StringComparison.Ordinal) ? text : null;
    }

    private static X509ContentType Kind(string file, byte[] bytes)
    {
        try
        {
            return X509Certificate2.GetCertContentType(bytes);
        }
        catch (CryptographicException)
        {
            throw new CertificateFileException(CertificatePart.Certificate, $"'{file}' is neither a PEM nor a PFX file");
        }
    }

    private static X509Certificate2Collection Certificates(string file, string pem)
    {
        var found = new X509Certificate2Collection();

        // The reader passes over a block without an end.
        if (CountOf(pem, "-----BEGIN ") != CountOf(pem, "-----END "))
        {
            throw new CertificateFileException(CertificatePart.Certificate, $"'{file}' ends in the middle of a block");
        }

        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            throw new CertificateFileException(CertificatePart.Certificate, $"'{file}' holds a damaged certificate");
        }

        return found.Count > 0 ? found : throw new CertificateFileException(CertificatePart.Certificate, $"'{file}' holds no certificate");
    }

    private static int CountOf(string text, string part) => text.AsSpan().Count(part);

    private static LoadedCertificate WithKey(CertificateSettings settings, X509Certificate2Collection certificates, string keyText)
    {
        bool isApart = settings.Key.Length > 0;
        string keyFile = isApart ? settings.Key : settings.Certificate;
        using AsymmetricAlgorithm key = PrivateKeyPem.Read(keyText, settings.Password, out PrivateKeyProblem problem) ?? throw problem switch
        {
            PrivateKeyProblem.Missing when !isApart => new CertificateFileException(CertificatePart.Key, $"'{keyFile}' holds a certificate without its private key"),
            PrivateKeyProblem.Missing => new CertificateFileException(CertificatePart.Key, $"'{keyFile}' holds no private key"),
            PrivateKeyProblem.NoPassword => new CertificateFileException(CertificatePart.Password, $"the key in '{keyFile}' is encrypted, and there is no password"),
            PrivateKeyProblem.WrongPassword => new CertificateFileException(CertificatePart.Password, $"the password does not open the key in '{keyFile}'"),
            PrivateKeyProblem.UnknownEncryption => new CertificateFileException(CertificatePart.Key, $"the key in '{keyFile}' is encrypted in a way that is not known here"),
            _ => new CertificateFileException(CertificatePart.Key, $"the key in '{keyFile}' is damaged, or neither RSA nor EC"),
        };

        // The file may begin with the root: the certificate is the one that the key belongs to.
        for (int i = 0; i < certificates.Count; i++)
        {
            if (Join(certificates[i], key) is { } leaf)
            {
                certificates[i].Dispose();
                certificates.RemoveAt(i);
                return new LoadedCertificate(Usable(leaf), certificates);
            }
        }

        throw new CertificateFileException(CertificatePart.Key, isApart
            ? $"the key in '{settings.Key}' does not belong to the certificate in '{settings.Certificate}'"
            : $"key and certificate in '{settings.Certificate}' do not belong together");
    }

    private static X509Certificate2? Join(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        try
        {
            return key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // Windows signs with keys of its own store only, which those of PEM files are not in.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static LoadedCertificate FromPfx(CertificateSettings settings, byte[] bytes)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(bytes, settings.Password.Length > 0 ? settings.Password : null);
        }
        catch (CryptographicException e)
        {
            throw e.HResult != WrongPassword ? new CertificateFileException(CertificatePart.Certificate, $"'{settings.Certificate}' is damaged")
                : new CertificateFileException(CertificatePart.Password, settings.Password.Length > 0
                    ? $"the password does not open '{settings.Certificate}'"
                    : $"'{settings.Certificate}' needs a password, and there is none");
        }

        X509Certificate2 leaf = all.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new CertificateFileException(CertificatePart.Certificate, $"'{settings.Certificate}' holds no private key");
        all.Remove(leaf);
        return new LoadedCertificate(leaf, all);
    }
}
