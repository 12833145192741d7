using ActorLb.Engine.Certificates;

namespace ActorLb.Engine.Passwords;

/// <summary>Users that a file names. Follows its file; a request takes what is there when it comes. Any thread.</summary>
internal sealed class UsersFile : IFollowsFiles
{
    private volatile Users _now;
    private volatile string _key;

    /// <param name="key">Of the configuration, below actorlb.</param>
    /// <exception cref="UsersFileException">It cannot be used; the message has the key of the configuration.</exception>
    public UsersFile(string path, string key)
    {
        _key = key;
        Files = [path];
        try
        {
            _now = Read();
        }
        catch (UsersFileException e)
        {
            throw new UsersFileException($"{key}: {e.Message}");
        }
    }

    public string Key => _key;

    public IReadOnlyList<string> Files { get; }

    public string Loaded => _now.Content;

    public string Description => $"{Files[0]} with {_now.Count} users";

    public Users Now => _now;

    /// <exception cref="UsersFileException">It cannot be used: what was loaded before stays.</exception>
    public void Load() => _now = Read();

    /// <summary>Goes by what another one of the same path has loaded.</summary>
    public void Take(UsersFile loaded)
    {
        _key = loaded._key;
        if (loaded.Loaded != Loaded)
        {
            _now = loaded._now;
        }
    }

    private Users Read()
    {
        byte[] bytes = UsersText.Read(Files[0], CertificateStore.ReadFile);
        return new Users(Files[0], bytes, FileContents.HashOf(bytes));
    }
}
