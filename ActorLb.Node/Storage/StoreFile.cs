using System.IO.Hashing;

namespace ActorLb.Node.Storage;

/// <summary>
/// The file's place in the data directory. Both are for this user alone at every start, whoever made them, because the file
/// holds the ticket keys; and neither is a link, because whoever made it would decide where the keys go.
/// </summary>
internal sealed class StoreFile(string directory)
{
    public const string Name = "actorlb.db";

    /// <summary>Damaged files that are kept for a look; older ones are deleted.</summary>
    private const int AsideMax = 3;

    private const int NamedBytes = 1 << 20;

    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Directory { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));

    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, Name));

    public bool Exists => File.Exists(Path);

    /// <summary>Of the file and its write-ahead log.</summary>
    public long Bytes => Length(Path) + Length(Path + "-wal");

    /// <summary>Makes what is missing, and leaves none of it to others.</summary>
    /// <exception cref="IOException">The directory or the file cannot be made, or one of them is a link.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for lack of rights.</exception>
    public void Prepare()
    {
        RefuseLinks();
        bool isOurs = !System.IO.Directory.Exists(Directory) || Exists || !System.IO.Directory.EnumerateFileSystemEntries(Directory).Any();
        System.IO.Directory.CreateDirectory(Directory);
        if (!Exists)
        {
            // A log without its file belongs to one that somebody took away.
            File.Delete(Path + "-wal");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileMode0600;
            }

            using var made = new FileStream(Path, options);
        }

        Confine(isOurs);
    }

    /// <exception cref="IOException">The directory, the file or its log is a symbolic link, also one that leads nowhere.</exception>
    public void RefuseLinks()
    {
        if (new DirectoryInfo(Directory).LinkTarget is { } real)
        {
            throw new IOException($"node.data-dir {Directory} is a symbolic link: write the path that it leads to, {real}");
        }

        foreach (string path in new[] { Path, Path + "-wal", Path + "-shm", Path + "-journal" })
        {
            if (new FileInfo(path).LinkTarget is { } target)
            {
                throw new IOException($"{path} is a symbolic link to {target}: a node keeps its file in node.data-dir itself");
            }
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

    // A directory that holds other things than ours may be used by others: its files alone are confined then.
    private void Confine(bool directoryIsOurs)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (directoryIsOurs && !File.GetUnixFileMode(Directory).HasFlag(UnixFileMode.StickyBit))
        {
            File.SetUnixFileMode(Directory, FileMode0600 | UnixFileMode.UserExecute);
        }

        var directory = new DirectoryInfo(Directory);
        foreach (FileInfo file in directory.EnumerateFiles(Name + "*").Where(f => f.LinkTarget is null))
        {
            file.UnixFileMode = FileMode0600;
        }
    }

    private static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
