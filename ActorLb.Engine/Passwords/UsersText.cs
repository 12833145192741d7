using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ActorLb.Engine.Passwords;

/// <summary>Reads files of users as htpasswd writes them: NAME:HASH on each line, # before what is none. Hashes are those of bcrypt alone. Pure.</summary>
public static class UsersText
{
    /// <summary>htpasswd's own.</summary>
    internal const int NameBytesMax = 255;

    /// <summary>Lines that are told where more are wrong, as all are in a file of another kind.</summary>
    private const int ProblemsToldMax = 10;

    /// <summary>2^15 rounds, about two seconds of a processor for each attempt.</summary>
    private const int CostMax = 15;

    private const int CostMin = 4;

    /// <summary>$2y$, two digits, $, 22 characters of salt and 31 of the hash.</summary>
    private const int HashLength = 60;

    private const int SaltStart = 7;

    private static readonly SearchValues<char> Digits =
        SearchValues.Create("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="read">The bytes of a file; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    /// <exception cref="UsersFileException">It cannot be read, has a line that is wrong, or names nobody.</exception>
    public static void Check(string path, Func<string, byte[]> read) => Parse(path, Read(path, read));

    /// <inheritdoc cref="Check"/>
    internal static byte[] Read(string path, Func<string, byte[]> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsersFileException(e switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"there is no file '{path}'",
                UnauthorizedAccessException => $"'{path}' cannot be read: permission denied",
                _ => $"'{path}' cannot be read: {e.Message}",
            });
        }
    }

    /// <returns>Hashes by names.</returns>
    /// <inheritdoc cref="Check"/>
    internal static FrozenDictionary<string, string> Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var users = new Dictionary<string, (string Hash, int Line)>(StringComparer.Ordinal);
        var problems = new List<string>();
        ReadOnlySpan<byte> text = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        int number = 0;
        foreach (Range range in text.Split((byte)'\n'))
        {
            number++;
            ReadOnlySpan<byte> line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            string? problem = ReadLine(line, out string name, out string hash);
            if (problem is null && !users.TryAdd(name, (hash, number)))
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"'{name}' stands in line {users[name].Line} already");
            }

            if (problem is not null)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}"));
            }
        }

        return problems.Count > 0 ? throw new UsersFileException($"'{path}', {Told(problems)}")
            : users.Count > 0
            ? users.ToFrozenDictionary(u => u.Key, u => u.Value.Hash, StringComparer.Ordinal)
            : throw new UsersFileException($"'{path}' names no user");
    }

    /// <summary>Text that is well-formed UTF-8 without control characters; null: it is not (RFC 7617, 2).</summary>
    internal static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            string text = Strict.GetString(bytes);
            return text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.AsSpan().ContainsAnyInRange('\x7f', '\x9f') ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Told(List<string> problems) => string.Join("; ", problems.Take(ProblemsToldMax))
        + (problems.Count > ProblemsToldMax ? string.Create(CultureInfo.InvariantCulture, $"; and {problems.Count - ProblemsToldMax} more lines") : "");

    // What is wrong is told without the hash: the message goes to logs.
    private static string? ReadLine(ReadOnlySpan<byte> line, out string name, out string hash)
    {
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> rest = colon < 0 ? default : line[(colon + 1)..];

        // What follows another colon is a comment, as for others who read such files.
        hash = Encoding.Latin1.GetString(rest.IndexOf((byte)':') is >= 0 and var end ? rest[..end] : rest);
        name = colon < 0 ? "" : TextOf(line[..colon]) ?? "";
        return colon < 0 ? "there is no colon behind a name"
            : colon is 0 or > NameBytesMax || name.Length == 0 ? $"this is no name of 1 to {NameBytesMax} bytes in UTF-8 without control characters"
            : Problem(hash) is { } problem ? $"what '{name}' has {problem}"
            : null;
    }

    private static string? Problem(string hash)
    {
        bool isBcrypt = hash.StartsWith("$2y$", StringComparison.Ordinal) || hash.StartsWith("$2a$", StringComparison.Ordinal) || hash.StartsWith("$2b$", StringComparison.Ordinal);
        return !isBcrypt ? $"is no hash of bcrypt{KindOf(hash)}"
            : hash.Length != HashLength || hash[SaltStart - 1] != '$' || hash.AsSpan(SaltStart).ContainsAnyExcept(Digits) ? "is no whole hash of bcrypt"
            : !int.TryParse(hash.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture, out int cost) || cost is < CostMin or > CostMax
                ? $"is a hash of a cost of {hash[4..6]}, which is none from {CostMin} to {CostMax}"
            : null;
    }

    private static string KindOf(string hash) =>
        hash.StartsWith("$apr1$", StringComparison.Ordinal) || hash.StartsWith("$1$", StringComparison.Ordinal) ? ", but MD5"
        : hash.StartsWith("{SHA}", StringComparison.Ordinal) ? ", but SHA-1"
        : hash.StartsWith("$5$", StringComparison.Ordinal) || hash.StartsWith("$6$", StringComparison.Ordinal) ? ", but SHA-crypt"
        : hash.StartsWith("$2", StringComparison.Ordinal) ? ", but a version of it that was broken"
        : ", but crypt or plain text";
}
