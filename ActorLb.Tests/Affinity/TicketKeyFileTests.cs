using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Affinity;

public sealed class TicketKeyFileTests : IDisposable
{
    private static readonly TicketKey Old = Key(1, 100);
    private static readonly TicketKey Young = Key(2, 200);

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-keys-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_was_saved_is_loaded()
    {
        var file = new TicketKeyFile(Path.Combine(_directory, "made", "when-needed"));
        Assert.Equal(new StoredKeys(TicketKeyRing.Empty, null), file.Load());
        file.Save(TicketKeyRing.Of([Old]));
        file.Save(TicketKeyRing.Of([Old, Young]));
        Assert.Equal(new StoredKeys(TicketKeyRing.Of([Old, Young]), null), file.Load());
        Assert.Single(Directory.GetFiles(Path.Combine(_directory, "made", "when-needed")));
    }

    [Fact]
    public void Only_the_nodes_user_may_read_the_keys()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        new TicketKeyFile(_directory).Save(TicketKeyRing.Of([Old]));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, TicketKeyFile.FileName)));
    }

    [Fact]
    public void A_damaged_file_is_set_aside_with_its_content_and_reported()
    {
        string path = Path.Combine(_directory, TicketKeyFile.FileName);
        File.WriteAllText(path, "not keys");
        StoredKeys loaded = new TicketKeyFile(_directory).Load();

        Assert.True(loaded.Ring.IsEmpty);
        Assert.Contains("damaged", loaded.Problem, StringComparison.Ordinal);
        string aside = Assert.Single(Directory.GetFiles(_directory));
        Assert.NotEqual(path, aside);
        Assert.Equal("not keys", File.ReadAllText(aside));
        Assert.Null(new TicketKeyFile(_directory).Load().Problem);
    }

    [Fact]
    public void Every_prefix_of_a_key_file_and_every_flipped_byte_is_damage()
    {
        string whole = TicketKeyFile.Format(TicketKeyRing.Of([Old, Young]));
        Assert.NotNull(TicketKeyFile.Parse(whole));
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Null(TicketKeyFile.Parse(whole[..i]));
            char[] flipped = whole.ToCharArray();
            flipped[i] ^= (char)1;
            Assert.Null(TicketKeyFile.Parse(new string(flipped)));
        }
    }

    [Fact]
    public void A_directory_that_cannot_be_read_is_reported_and_does_not_stop_the_node()
    {
        Directory.CreateDirectory(Path.Combine(_directory, TicketKeyFile.FileName));
        Assert.True(new TicketKeyFile(_directory).Load().Ring.IsEmpty);
        Assert.ThrowsAny<Exception>(() => new TicketKeyFile(_directory).Save(TicketKeyRing.Of([Old])));
    }

    private static TicketKey Key(byte fill, long createdAt) => new([.. Enumerable.Repeat(fill, TicketKey.SecretBytes)], createdAt);
}
