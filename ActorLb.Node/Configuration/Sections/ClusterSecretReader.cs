using System.Collections.Immutable;
using System.Text;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.cluster.secret, secrets and secret-file: one of the three says by what nodes know each other.</summary>
internal static class ClusterSecretReader
{
    /// <summary>Two during a rotation; each costs every new connection a comparison.</summary>
    private const int SecretsMax = 8;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>None where the operator gave none.</summary>
    public static ImmutableArray<ClusterSecret> Read(ConfigurationCursor cluster, ConfigurationEnvironment environment)
    {
        ConfigurationCursor one = cluster["secret"];
        ConfigurationCursor several = cluster["secrets"];
        ConfigurationCursor file = cluster["secret-file"];
        IReadOnlyList<ConfigurationCursor> items = several.ItemsOrWords();
        string path = file.Text("the path of a file, or \"\" for none") ?? "";
        bool hasOne = one.Exists && one.Text(SecretText.Expected) is { Length: > 0 };
        if ((hasOne ? 1 : 0) + (items.Count > 0 ? 1 : 0) + (path.Length > 0 ? 1 : 0) > 1)
        {
            (path.Length > 0 ? file : several).Complain(
                "cluster.secret, cluster.secrets and cluster.secret-file say the same thing, and more than one is set", "one of them");
            return [];
        }

        ImmutableArray<ClusterSecret> secrets = hasOne ? [one.As(SecretText.Read, SecretText.Expected, SecretText.Nothing)]
            : path.Length > 0 ? OfFile(file, path, environment)
            : [.. items.Select(i => i.As(SecretText.Read, SecretText.Expected, SecretText.Nothing))];
        ConfigurationCursor from = hasOne ? one : path.Length > 0 ? file : several;
        if (secrets.Length > SecretsMax)
        {
            from.Complain($"these are {secrets.Length} secrets", $"{SecretsMax} at most: the one to show first, and those that other nodes still show");
        }

        if (secrets.Where((s, i) => !ReferenceEquals(s, SecretText.Nothing) && secrets.Take(i).Any(o => o.Bytes.SequenceEqual(s.Bytes))).Any())
        {
            from.Complain("the same secret is listed twice", "each once");
        }

        return secrets;
    }

    private static ImmutableArray<ClusterSecret> OfFile(ConfigurationCursor key, string path, ConfigurationEnvironment environment)
    {
        string text;
        try
        {
            text = Encoding.Latin1.GetString(environment.ReadFile(path));
            WatchMode(key, path, environment.ModeOf(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            key.Complain(
                e switch
                {
                    FileNotFoundException or DirectoryNotFoundException => $"there is no file '{path}'",
                    UnauthorizedAccessException => $"'{path}' cannot be read: permission denied",
                    _ => $"'{path}' cannot be read: {e.Message}",
                },
                "a file that this process may read; \"actorlb keys secret > FILE\" makes one");
            return [];
        }

        var secrets = ImmutableArray.CreateBuilder<ClusterSecret>();
        int number = 0;
        foreach (string line in text.Split('\n').Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            if (SecretText.Read(line, out ClusterSecret secret) is { } problem)
            {
                key.Complain($"'{path}', line {number}: {problem}", $"{SecretText.Expected}, one a line");
                return [];
            }

            secrets.Add(secret);
        }

        if (secrets.Count == 0)
        {
            key.Complain($"'{path}' holds no secret", $"{SecretText.Expected}, one a line, the one to show first");
        }

        return secrets.ToImmutable();
    }

    // A secret that containers get as a volume is often readable by all, in a container in which there is nobody else.
    private static void WatchMode(ConfigurationCursor key, string path, UnixFileMode? mode)
    {
        if (mode is not { } bits)
        {
            return;
        }

        if ((bits & OthersWrite) != 0)
        {
            key.Complain($"others than its owner may write '{path}'", "mode 0600 or 0400 (chmod 600)");
        }
        else if ((bits & UnixFileMode.OtherRead) != 0)
        {
            key.Warn($"everybody on this machine may read '{path}'", "mode 0600 or 0400 (chmod 600), unless nobody else is there");
        }
    }
}
