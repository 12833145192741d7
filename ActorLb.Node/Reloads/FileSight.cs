using ActorLb.Engine.Files;
using ActorLb.Node.Configuration;
using System.Security.Cryptography;

namespace ActorLb.Node.Reloads;

/// <summary>One file as it was at one look.</summary>
/// <param name="Target">Where its name led to.</param>
/// <param name="Digest">Of its bytes; null where it could not be read.</param>
/// <param name="Why">Why it could not be.</param>
internal sealed record FileSight(string Path, string Target, long Size, DateTime Modified, string? Digest, string? Why)
{
    public static FileSight Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            byte[] bytes = FileKind.ReadRegular(path, ConfigurationText.FileBytesMax);
            return new FileSight(
                path, file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path, bytes.Length, file.LastWriteTimeUtc, Convert.ToHexString(SHA256.HashData(bytes)), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new FileSight(path, "", 0, default, null, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message);
        }
    }
}
