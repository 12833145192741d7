using System.IO.Hashing;

namespace ActorLb.Node.Storage;

/// <summary>The file's place in the data directory: made for this user alone, because it holds the ticket keys.</summary>
internal sealed class StoreFile(string directory)
{
    public const string Name = "actorlb.db";

    /// <summary>Damaged files that are kept for a look; older ones are deleted.</summary>
    private const int AsideMax = 3;

    private const int NamedBytes = 1 << 20;

    public string Directory { get; } = System.IO.Path.GetFullPath(directory);

    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, Name));

    public bool Exists => File.Exists(Path);

    /// <summary>Of the file and its write-ahead log.</summary>
    public long Bytes => Length(Path) + Length(Path + "-wal");

    /// <exception cref="IOException">The directory or the file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for lack of rights.</exception>
    public void Prepare()
    {
        System.IO.Directory.CreateDirectory(Directory);
        if (!Exists)
        {
            // A log without its file belongs to one that somebody took away.
            File.Delete(Path + "-wal");
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var made = new FileStream(Path, options);
        }
    }

    /// <summary>Renames the file and its log. The name comes from the content: a restart loop with one bad file leaves one copy.</summary>
    /// <returns>The new name.</returns>
    public string SetAside()
    {
        var hash = new XxHash32();
        using (FileStream content = File.OpenRead(Path))
        {
            var head = new byte[Math.Min(NamedBytes, content.Length)];
            content.ReadExactly(head);
            hash.Append(head);
        }

        string aside = $"{Path}.corrupt-{Convert.ToHexString(hash.GetCurrentHash()).ToLowerInvariant()}";
        File.Move(Path, aside, overwrite: true);
        if (File.Exists(Path + "-wal"))
        {
            File.Move(Path + "-wal", aside + "-wal", overwrite: true);
        }

        foreach (FileInfo old in new DirectoryInfo(Directory)
            .GetFiles($"{Name}.corrupt-????????")
            .OrderByDescending(f => f.LastWriteTimeUtc)
            .Skip(AsideMax))
        {
            old.Delete();
            File.Delete(old.FullName + "-wal");
        }

        return aside;
    }

    private static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
