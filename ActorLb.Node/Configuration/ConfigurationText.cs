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

    /// <summary>The name of standard input among files.</summary>
    public const string Input = "-";

    /// <summary>What mistakes show for a text that came by it.</summary>
    private const string InputName = "standard input";

    /// <summary>The text of a stream, to its end.</summary>
    /// <exception cref="IOException">It has more than <see cref="FileBytesMax"/>, or cannot be read.</exception>
    /// <exception cref="DecoderFallbackException">It is no UTF-8.</exception>
    internal static ConfigurationText Read(Stream input)
    {
        using var all = new MemoryStream();
        byte[] piece = new byte[64 * 1024];
        for (int got; (got = input.Read(piece)) > 0;)
        {
            all.Write(piece.AsSpan(0, got));
            if (all.Length > FileBytesMax)
            {
                throw new IOException($"it has more than {FileBytesMax} bytes");
            }
        }

        all.Position = 0;
        using var reader = new StreamReader(all, Strict, detectEncodingFromByteOrderMarks: true);
        return new ConfigurationText(InputName, reader.ReadToEnd());
    }

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
    /// <param name="input">Opens what <see cref="Input"/> names; null: that is a file like any other.</param>
    internal static ConfigurationText? OfFile(string path, ConfigurationFindings findings, Func<Stream>? input = null)
    {
        const string Expected = "a HOCON file in UTF-8 that this process may read";
        try
        {
            if (path == Input && input is not null)
            {
                using Stream opened = input();
                return Read(opened);
            }

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
