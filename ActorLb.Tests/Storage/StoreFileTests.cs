using ActorLb.Node.Storage;
using Xunit;

namespace ActorLb.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StoreFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode All = (UnixFileMode)0b111_111_111;

    private readonly string _folder = Directory.CreateTempSubdirectory("actorlb-file-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Database => Path.Combine(Data, StoreFile.Name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_it_makes_is_for_its_user_alone()
    {
        new StoreFile(Data).Prepare();
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        Assert.Equal(Owner, File.GetUnixFileMode(Database));
    }

    [Fact]
    public void What_was_open_to_others_is_closed_to_them_at_the_next_start()
    {
        Directory.CreateDirectory(Data);
        string[] files = [Database, Database + "-wal", Database + "-shm", Database + ".corrupt-00000001"];
        foreach (string file in files)
        {
            File.WriteAllText(file, "x");
            File.SetUnixFileMode(file, All);
        }

        File.SetUnixFileMode(Data, All);
        new StoreFile(Data + Path.DirectorySeparatorChar).Prepare();
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        Assert.All(files, f => Assert.Equal(Owner, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void A_directory_of_other_things_keeps_its_mode_and_the_file_in_it_does_not()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "other"), "x");
        File.SetUnixFileMode(Data, All);
        new StoreFile(Data).Prepare();
        Assert.Equal(All, File.GetUnixFileMode(Data));
        Assert.Equal(Owner, File.GetUnixFileMode(Database));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("-wal", true)]
    [InlineData("-wal", false)]
    [InlineData("-shm", true)]
    [InlineData("-journal", false)]
    public void A_link_in_the_place_of_a_file_is_refused_and_not_followed(string suffix, bool leadsSomewhere)
    {
        string target = Path.Combine(_folder, "target");
        if (leadsSomewhere)
        {
            File.WriteAllText(target, "mine");
            File.SetUnixFileMode(target, All);
        }

        Directory.CreateDirectory(Data);
        File.CreateSymbolicLink(Database + suffix, target);
        var e = Assert.Throws<IOException>(() => new StoreFile(Data).Prepare());
        Assert.Contains($"{Database}{suffix} is a symbolic link to {target}", e.Message, StringComparison.Ordinal);
        Assert.Equal(leadsSomewhere, File.Exists(target));
        Assert.True(!leadsSomewhere || File.GetUnixFileMode(target) == All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_in_the_place_of_the_directory_is_refused(bool leadsSomewhere)
    {
        string target = Path.Combine(_folder, "target");
        if (leadsSomewhere)
        {
            Directory.CreateDirectory(target);
        }

        Directory.CreateSymbolicLink(Data, target);
        Assert.Throws<IOException>(() => new StoreFile(Data).Prepare());
        Assert.Throws<IOException>(() => new StoreFile(Data + Path.DirectorySeparatorChar).Prepare());
        Assert.Equal(leadsSomewhere, Directory.Exists(target));
        Assert.True(!leadsSomewhere || Directory.GetFileSystemEntries(target).Length == 0);
    }
}
