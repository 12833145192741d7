using System.Security.Cryptography;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// What is in files, as a hash for each: read again where the file a path leads to, its time or its size are others, and now and
/// then in any case. Links are followed, also those of directories on the way. Used by one thread.
/// </summary>
internal sealed class FileContents
{
    /// <summary>Looks after which a file is read that seems to be the same: one may be replaced within its clock's grain.</summary>
    private const int LooksMax = 10;

    /// <summary>The system follows as many.</summary>
    private const int LinksMax = 40;

    private readonly Dictionary<string, Known> _files = new(StringComparer.Ordinal);

    /// <summary>Files that have been looked at since <see cref="Forget"/>.</summary>
    public int Count => _files.Count;

    /// <summary>Of several files, in their order.</summary>
    public string Of(IEnumerable<string> paths) => string.Join('|', paths.Select(Of));

    /// <summary>The hash of bytes that somebody read of a file.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    /// <summary>Forgets the files that were not asked for since the last time.</summary>
    public void Forget()
    {
        foreach ((string path, Known known) in _files)
        {
            if (!known.IsAsked)
            {
                _files.Remove(path);
            }

            known.IsAsked = false;
        }
    }

    private string Of(string path)
    {
        if (_files.TryGetValue(path, out Known? known) && known.IsAsked)
        {
            return known.Hash;
        }

        (string Target, long Ticks, long Length) version = VersionOf(path);
        if (known is null || known.Version != version || ++known.Looks >= LooksMax)
        {
            known = _files[path] = new Known(version, Read(path));
        }

        known.IsAsked = true;
        return known.Hash;
    }

    private static (string Target, long Ticks, long Length) VersionOf(string path)
    {
        try
        {
            var file = new FileInfo(Followed(path, LinksMax));
            return file.Exists ? (file.FullName, file.LastWriteTimeUtc.Ticks, file.Length) : ("", 0, -1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return ("", 0, -1);
        }
    }

    // Mounted secrets are changed by another link of a folder on the way.
    private static string Followed(string path, int links)
    {
        string full = Path.GetFullPath(path);
        string at = Path.GetPathRoot(full)!;
        string[] parts = full[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string folder = at;
            at = Path.Combine(at, parts[i]);
            if (links > 0 && new FileInfo(at).LinkTarget is { } target)
            {
                return Followed(Path.Combine([folder, target, .. parts[(i + 1)..]]), links - 1);
            }
        }

        return at;
    }

    // What cannot be read is a state as well.
    private static string Read(string path)
    {
        try
        {
            return HashOf(CertificateStore.ReadFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return e.GetType().Name;
        }
    }

    private sealed class Known((string Target, long Ticks, long Length) version, string hash)
    {
        public (string Target, long Ticks, long Length) Version { get; } = version;

        public string Hash { get; } = hash;

        public int Looks { get; set; }

        public bool IsAsked { get; set; }
    }
}
