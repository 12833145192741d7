using System.Runtime.Serialization;
using System.Security.Cryptography;
using ActorLb.Node.Wire;

namespace ActorLb.Node.Operator;

/// <summary>
/// Keeps the operator's decisions in one small file of the data directory: 8 bytes of format, SHA-256 of the rest, the
/// decisions. Replaced as a whole, so that a crash leaves the old or the new one.
/// </summary>
internal sealed class OperatorFile
{
    public const string Name = "operator-states";

    private const int DigestAt = 8;
    private const int DecisionsAt = DigestAt + SHA256.HashSizeInBytes;

    private readonly string _path;

    public OperatorFile(string dataDirectory) => _path = Path.Combine(dataDirectory, Name);

    private static ReadOnlySpan<byte> Format => "ALBOPS1\n"u8;

    /// <summary>What was saved; nothing where there is no file. A file that cannot be understood is set aside as ".corrupt".</summary>
    /// <param name="problem">Why the file was set aside, or null.</param>
    /// <exception cref="IOException">The file is there but cannot be read.</exception>
    public OperatorDecisions Load(out string? problem)
    {
        problem = null;
        if (!File.Exists(_path))
        {
            return OperatorDecisions.Empty;
        }

        try
        {
            return Parse(File.ReadAllBytes(_path));
        }
        catch (SerializationException e)
        {
            string aside = $"{_path}.corrupt";
            File.Move(_path, aside, overwrite: true);
            problem = $"{_path} is corrupt ({e.Message}); it was set aside as {aside}";
            return OperatorDecisions.Empty;
        }
    }

    /// <exception cref="IOException">Not written; the file that was there still is.</exception>
    public async Task SaveAsync(OperatorDecisions decisions)
    {
        var writer = new WireWriter();
        OperatorSerializer.Write(writer, decisions);
        byte[] bytes = writer.ToArray();

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        string fresh = $"{_path}.new";
        await using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await file.WriteAsync(Format.ToArray());
            await file.WriteAsync(SHA256.HashData(bytes));
            await file.WriteAsync(bytes);

            // Onto the disk before it takes the old one's place: a name must never point to bytes that are not there.
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, _path, overwrite: true);
    }

    private static OperatorDecisions Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < DecisionsAt || !bytes.StartsWith(Format))
        {
            throw new SerializationException("not of this format");
        }

        ReadOnlySpan<byte> decisions = bytes[DecisionsAt..];
        if (!SHA256.HashData(decisions).AsSpan().SequenceEqual(bytes[DigestAt..DecisionsAt]))
        {
            throw new SerializationException("its digest does not match");
        }

        var reader = new WireReader(decisions);
        return OperatorSerializer.Read(ref reader);
    }
}
