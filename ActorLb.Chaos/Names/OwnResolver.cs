using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Names;

/// <summary>
/// Files by which the system's resolver of a process asks our name server and nobody else, and the words that put them
/// over those of /etc.
/// </summary>
internal sealed class OwnResolver
{
    /// <summary>Shown to sh before the folder and the command. The mounts are seen by that command alone, and end with it.</summary>
    private const string Script = """
        for file in resolv.conf nsswitch.conf hosts; do mount --bind "$0/$file" "/etc/$file"; done; exec "$@"
        """;

    /// <summary>The same in a namespace to be thrown away: fails where it cannot be done.</summary>
    public const string Attempt = "unshare -m sh -ec 'for file in resolv.conf nsswitch.conf hosts; do mount --bind /etc/passwd /etc/$file; done'";

    /// <param name="slow">Our server comes second, after one that is not there.</param>
    public OwnResolver(string folder, bool slow)
    {
        // Timeout and attempts are as everywhere: 5 s, twice.
        string before = slow ? $"nameserver {LabNetwork.SilentAddress}\n" : "";
        File.WriteAllText(Path.Combine(folder, "resolv.conf"), $"{before}nameserver {LabNetwork.HubAddress}\n");
        File.WriteAllText(Path.Combine(folder, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
        File.WriteAllText(Path.Combine(folder, "hosts"), "127.0.0.1 localhost\n");
        Within = ["unshare", "-m", "sh", "-ec", Script, folder];
    }

    /// <summary>Words to put before a command.</summary>
    public string[] Within { get; }
}
