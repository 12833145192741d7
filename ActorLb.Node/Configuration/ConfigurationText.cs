using ActorLb.Engine.Files;
using System.Text;
using ActorLb.Node.Configuration.Hocon;

namespace ActorLb.Node.Configuration;

/// <summary>One layer of a configuration before it is parsed.</summary>
/// <param name="Name">The file's path as the operator gave it: mistakes show it.</param>
internal sealed record ConfigurationText(string Name, string Hocon)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Of a file: several times what a thousand pools need.</summary>
    public const int FileBytesMax = 8 << 20;

    /// <summary>A file's text.</summary>
    /// <exception cref="IOException">It is no regular file, has more than <see cref="FileBytesMax"/>, or cannot be read.</exception>
    /// <exception cref="DecoderFallbackException">It is no UTF-8.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    /// <exception cref="ArgumentException">That can be no path.</exception>
    internal static string Read(string path)
    {
        using var reader = new StreamReader(new MemoryStream(FileKind.ReadRegular(path, FileBytesMax)), Strict, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>Null, and a mistake, where the file cannot be read.</summary>
    internal static ConfigurationText? OfFile(string path, ConfigurationFindings findings)
    {
        const string Expected = "a HOCON file in UTF-8 that this process may read";
        try
        {
            return new ConfigurationText(path, Read(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or ArgumentException)
        {
            string problem = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                DecoderFallbackException => "this is no UTF-8 text",
                _ when Directory.Exists(path) => "this is a directory",
                _ => $"it cannot be read: {e.Message}",
            };
            findings.Mistake(HoconOrigin.WholeFile(path), "", problem, Expected);
            return null;
        }
    }
}
