using System.Security.Cryptography.X509Certificates;

namespace ActorLb.Engine.Certificates;

/// <summary>The roots whose certificates clients of a listener may show. Follows its file. Any thread.</summary>
internal sealed class ClientRoots : IFollowsFiles
{
    private volatile Material _now;

    /// <param name="key">Of the configuration, below actorlb.</param>
    /// <exception cref="CertificateFileException">They cannot be used; the message has the key of the configuration.</exception>
    public ClientRoots(string file, string key)
    {
        Key = key;
        Files = [file];
        try
        {
            _now = Read();
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(e.Part, $"{key}: {e.Message}");
        }
    }

    public string Key { get; }

    public IReadOnlyList<string> Files { get; }

    public string Loaded => _now.Content;

    public string Description => Files[0];

    public X509Certificate2Collection Roots => _now.Roots;

    public void Load() => _now = Read();

    // What was there before is not disposed: handshakes may be using it.
    private Material Read()
    {
        var contents = new List<string>();
        return new Material(CertificateStore.Noting(contents).LoadRoots(Files[0]), contents[0]);
    }

    private sealed record Material(X509Certificate2Collection Roots, string Content);
}
