using ActorLb.Node.Operator;
using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Operator;

public sealed class OperatorFileTests : IDisposable
{
    private static readonly OperatorDecisions Decisions = OperatorDecisions.Of(
        [new(new BackendName("web", "a"), OperatorState.Draining, new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), 7, "node-1")]);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-operator-").FullName;

    private string Path => System.IO.Path.Combine(_directory, OperatorFile.Name);

    [Fact]
    public async Task What_was_saved_is_loaded_and_nothing_else_is_left_behind()
    {
        await new OperatorFile(_directory).SaveAsync(OperatorDecisions.Empty);
        await new OperatorFile(_directory).SaveAsync(Decisions);
        Assert.Equal(Decisions, new OperatorFile(_directory).Load(out string? problem));
        Assert.Null(problem);
        Assert.Equal([Path], Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task A_directory_that_is_not_there_yet_is_empty_and_is_made_when_saving()
    {
        var file = new OperatorFile(System.IO.Path.Combine(_directory, "new", "one"));
        Assert.Equal(OperatorDecisions.Empty, file.Load(out _));
        await file.SaveAsync(Decisions);
        Assert.Equal(Decisions, file.Load(out _));
    }

    [Fact]
    public async Task A_file_that_was_damaged_anywhere_is_set_aside_and_said_so()
    {
        var file = new OperatorFile(_directory);
        await file.SaveAsync(Decisions);
        byte[] good = await File.ReadAllBytesAsync(Path);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x40;
            await File.WriteAllBytesAsync(Path, bad);
            Assert.Equal(OperatorDecisions.Empty, file.Load(out string? problem));
            Assert.Contains("corrupt", problem, StringComparison.Ordinal);
            Assert.False(File.Exists(Path));
            Assert.Equal(bad, await File.ReadAllBytesAsync($"{Path}.corrupt"));
        }
    }

    [Fact]
    public async Task A_file_that_was_cut_anywhere_is_set_aside()
    {
        var file = new OperatorFile(_directory);
        await file.SaveAsync(Decisions);
        byte[] good = await File.ReadAllBytesAsync(Path);
        for (int length = 0; length < good.Length; length++)
        {
            await File.WriteAllBytesAsync(Path, good[..length]);
            file.Load(out string? problem);
            Assert.NotNull(problem);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
