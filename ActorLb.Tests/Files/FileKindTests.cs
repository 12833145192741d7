using System.Diagnostics;
using System.Net.Sockets;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Files;
using Xunit;

namespace ActorLb.Tests.Files;

public sealed class FileKindTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-kind-").FullName;

    [Fact]
    public async Task A_pipe_is_refused_by_whoever_would_wait_at_it_for_ever()
    {
        string pipe = Path.Combine(_folder, "pipe");
        using Process made = Process.Start("mkfifo", pipe);
        await made.WaitForExitAsync();

        Assert.Throws<IOException>(() => FileKind.RefusePipes(pipe));
        Assert.Throws<IOException>(() => CertificateStore.ReadFile(pipe));
        Assert.Contains("access-log.path", Assert.Throws<IOException>(() => AccessLogFile.Make(pipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_is_refused_also_behind_a_link()
    {
        string path = Path.Combine(_folder, "socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.CreateSymbolicLink(path + "-link", path);
        Assert.Throws<IOException>(() => FileKind.RefusePipes(path + "-link"));
    }

    [Fact]
    public void A_file_a_device_and_what_is_not_there_are_not()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        FileKind.RefusePipes(file);
        FileKind.RefusePipes("/dev/null");
        FileKind.RefusePipes(Path.Combine(_folder, "nothing"));
    }

    [Fact]
    public async Task Only_a_regular_file_is_read_and_no_more_of_it_than_it_may_have()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllBytes(file, [1, 2, 3]);
        File.CreateSymbolicLink(file + "-link", file);
        Assert.Equal([1, 2, 3], FileKind.ReadRegular(file + "-link", 3));
        Assert.Contains("larger than 2 bytes", Assert.Throws<IOException>(() => FileKind.ReadRegular(file, 2)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(file, []);
        Assert.Empty(FileKind.ReadRegular(file, 3));
        Assert.Contains("empty", Assert.Throws<IOException>(() => CertificateStore.ReadFile(file)).Message, StringComparison.Ordinal);
        Assert.Empty(FileKind.ReadRegular("/proc/kmsg", 3));

        string pipe = Path.Combine(_folder, "pipe-2");
        using Process made = Process.Start("mkfifo", pipe);
        await made.WaitForExitAsync();
        Assert.Throws<IOException>(() => FileKind.ReadRegular(pipe, 3));
        Assert.Throws<IOException>(() => FileKind.ReadRegular("/dev/zero", 3));
        Assert.ThrowsAny<IOException>(() => FileKind.ReadRegular(Path.Combine(_folder, "nothing"), 3));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
