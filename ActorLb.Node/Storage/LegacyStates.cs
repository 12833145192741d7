using System.Globalization;
using System.Runtime.Serialization;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Operator;
using ActorLb.Node.Wire;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Storage;

/// <summary>
/// The two small files in which version 0.1 kept ticket keys and operator states. They are read once, where the one
/// file does not have the state yet, and then renamed.
/// </summary>
internal static class LegacyStates
{
    public const string KeyFile = "ticket-keys";
    public const string OperatorFile = "operator-states";

    private const string KeyHeading = "actorlb ticket keys 1";
    private const int OperatorDigestAt = 8;
    private const int OperatorDecisionsAt = OperatorDigestAt + SHA256.HashSizeInBytes;
    private const int FileBytesMax = 1024 * 1024;

    private static ReadOnlySpan<byte> OperatorHeading => "ALBOPS1\n"u8;

    /// <param name="flush">Writes them into the new file.</param>
    public static void TakeOver(string directory, StateCells states, StorageLog log, Action flush)
    {
        try
        {
            if (Import(directory, states) is { Length: > 0 } imported)
            {
                log.Note($"took over {imported} of an older version");
                flush();
                SetAside(directory, states);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Note($"what an older version wrote cannot be taken over: {e.Message}");
        }
    }

    /// <returns>The names of the states that were taken over; empty where there was nothing to take.</returns>
    private static string Import(string directory, StateCells states)
    {
        var imported = new List<string>();
        foreach ((string file, string name, Func<byte[], byte[]?> read) in Sources())
        {
            if (states.Get(name) is null && Content(Path.Combine(directory, file)) is { } content && read(content) is { } state)
            {
                states.Set(name, state);
                imported.Add(name);
            }
        }

        return string.Join(" and ", imported);
    }

    /// <summary>Renames the files whose states are in the new file by now.</summary>
    private static void SetAside(string directory, StateCells states)
    {
        foreach ((string file, string name, _) in Sources())
        {
            string path = Path.Combine(directory, file);
            if (File.Exists(path) && states.IsWritten(name))
            {
                File.Move(path, path + ".migrated", overwrite: true);
            }
        }
    }

    /// <summary>The keys of a file's text, or null where it is not whole.</summary>
    internal static TicketKeyRing? Keys(string text)
    {
        int last = text.Length < 2 || text[^1] != '\n' ? -1 : text.LastIndexOf('\n', text.Length - 2);
        if (last < 0 || text[(last + 1)..^1] != Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text[..(last + 1)]))))
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

        return lines[0] == KeyHeading ? TicketKeyRing.Of(keys) : null;
    }

    /// <summary>The decisions of a file's bytes, or null where it is not whole.</summary>
    internal static OperatorDecisions? Decisions(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < OperatorDecisionsAt
            || !bytes.StartsWith(OperatorHeading)
            || !SHA256.HashData(bytes[OperatorDecisionsAt..]).AsSpan().SequenceEqual(bytes[OperatorDigestAt..OperatorDecisionsAt]))
        {
            return null;
        }

        try
        {
            var reader = new WireReader(bytes[OperatorDecisionsAt..]);
            return OperatorSerializer.Read(ref reader);
        }
        catch (SerializationException)
        {
            return null;
        }
    }

    private static IEnumerable<(string File, string Name, Func<byte[], byte[]?> Read)> Sources() =>
    [
        (KeyFile, StateCells.TicketKeys, bytes => Keys(Encoding.UTF8.GetString(bytes)) is { } ring ? TicketKeyWire.ToBytes(ring) : null),
        (OperatorFile, StateCells.OperatorDecisions, bytes => Decisions(bytes) is { } decisions ? OperatorSerializer.ToBytes(decisions) : null),
    ];

    private static byte[]? Content(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length <= FileBytesMax ? File.ReadAllBytes(path) : null;
    }
}
