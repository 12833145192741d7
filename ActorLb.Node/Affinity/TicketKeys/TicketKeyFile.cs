using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Affinity.TicketKeys;

/// <summary>
/// The ticket keys in a file of the data directory that only the node's user may read: a heading, one line per key
/// (creation time, secret in base64), and a last line with the SHA-256 of those before.
/// </summary>
public sealed class TicketKeyFile(string dataDirectory) : IKeyStore
{
    public const string FileName = "ticket-keys";

    private const string Heading = "actorlb ticket keys 1";

    /// <summary>Far more than merging clusters ever brings together; a longer file is not ours.</summary>
    private const int FileBytesMax = 1024 * 1024;

    private readonly string _path = Path.Combine(dataDirectory, FileName);

    public StoredKeys Load()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return new StoredKeys(TicketKeyRing.Empty, null);
            }

            return new FileInfo(_path).Length <= FileBytesMax && Parse(File.ReadAllText(_path)) is { } ring
                ? new StoredKeys(ring, null)
                : new StoredKeys(TicketKeyRing.Empty, SetAside());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StoredKeys(TicketKeyRing.Empty, $"{_path} cannot be read: {e.Message}");
        }
    }

    public void Save(TicketKeyRing ring)
    {
        Directory.CreateDirectory(dataDirectory);
        string temporary = _path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Format(ring)));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, _path, overwrite: true);
    }

    internal static string Format(TicketKeyRing ring)
    {
        var text = new StringBuilder(Heading).Append('\n');
        foreach (TicketKey key in ring.Keys)
        {
            text.Append(CultureInfo.InvariantCulture, $"{key.CreatedAt} {Convert.ToBase64String(key.Secret.AsSpan())}\n");
        }

        return text.Append(Digest(text.ToString())).Append('\n').ToString();
    }

    /// <summary>The keys of a file's text, or null where it is not wholly what <see cref="Format"/> wrote.</summary>
    internal static TicketKeyRing? Parse(string text)
    {
        int last = text.Length < 2 || text[^1] != '\n' ? -1 : text.LastIndexOf('\n', text.Length - 2);
        if (last < 0 || text[(last + 1)..^1] != Digest(text[..(last + 1)]))
        {
            return null;
        }

        string[] lines = text[..last].Split('\n');
        var keys = new List<TicketKey>();
        foreach (string line in lines.Skip(1))
        {
            string[] fields = line.Split(' ');
            var secret = new byte[TicketKey.SecretBytes];
            if (fields.Length != 2
                || !long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out long createdAt)
                || !Convert.TryFromBase64String(fields[1], secret, out int length)
                || length != TicketKey.SecretBytes)
            {
                return null;
            }

            keys.Add(new TicketKey([.. secret], createdAt));
        }

        return lines[0] == Heading ? TicketKeyRing.Of(keys) : null;
    }

    private static string Digest(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // The name of what was set aside comes from its content: a restart loop with one bad file leaves one copy.
    private string SetAside()
    {
        using (FileStream content = File.OpenRead(_path))
        {
            string aside = $"{_path}.corrupt-{Convert.ToHexString(SHA256.HashData(content))[..8]}";
            content.Close();
            File.Move(_path, aside, overwrite: true);
            return $"{_path} is damaged and was set aside as {aside}";
        }
    }
}
