using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;

namespace ActorLb.Node.Dashboard;

/// <summary>The files that the dashboard's page is made of, as they are in the assembly. Immutable.</summary>
internal sealed class DashboardFiles
{
    public const string Page = "index.html";

    private const string Prefix = "dashboard/";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, DashboardFile> _files;

    private DashboardFiles(FrozenDictionary<string, DashboardFile> files) => _files = files;

    public IEnumerable<DashboardFile> All => _files.Values;

    /// <summary>Null: there is none of that name.</summary>
    /// <param name="name">With its folder, by '/'.</param>
    public DashboardFile? Find(string name) => _files.GetValueOrDefault(name);

    public static DashboardFiles Load()
    {
        Assembly assembly = typeof(DashboardFiles).Assembly;
        return new DashboardFiles(assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(n => Read(assembly, n))
            .ToFrozenDictionary(f => f.Name, StringComparer.Ordinal));
    }

    private static DashboardFile Read(Assembly assembly, string resource)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        string name = resource[Prefix.Length..].Replace('\\', '/');
        return new DashboardFile(name, Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream"), bytes, Compress(bytes), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"");
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}

/// <param name="Name">With its folder, by '/'.</param>
/// <param name="Compressed">By gzip.</param>
/// <param name="Tag">Its ETag: the same for the same bytes.</param>
internal sealed record DashboardFile(string Name, string Type, byte[] Bytes, byte[] Compressed, string Tag);
