using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Affinity;

public sealed class TicketKeyTests : IDisposable
{
    private static readonly TicketKey Old = Key(1, 100);
    private static readonly TicketKey Young = Key(2, 200);

    private static readonly Gen<TicketKeyRing> GenRing =
        Gen.Select(Gen.Byte[0, 5], Gen.Long[0, 3]).Array[0, 5].Select(keys => TicketKeyRing.Of(keys.Select(k => Key(k.Item1, k.Item2))));

    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-keys-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Rings_merge_to_the_same_keys_and_the_same_signer_in_any_order() =>
        Gen.Select(GenRing, GenRing, GenRing).Sample((a, b, c) =>
        {
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
            Assert.Equal(a, a.Merge(a));
            Assert.Equal(new TicketKeyData(a).Merge(new TicketKeyData(b)), new TicketKeyData(b).Merge(new TicketKeyData(a)));
        });

    [Fact]
    public void Only_the_oldest_member_makes_a_key_where_nobody_has_one()
    {
        var fresh = new TicketKeyState(TicketKeyRing.Empty);
        Assert.Equal(TicketKeyStep.Retry, fresh.Answered(TicketKeyRing.Empty, isOldest: false, () => Old).Step);
        (TicketKeyState next, TicketKeyStep step) = fresh.Answered(TicketKeyRing.Empty, isOldest: true, () => Old);
        Assert.Equal(TicketKeyStep.Share, step);
        Assert.Equal(TicketKeyRing.Of([Old]), next.Ring);
    }

    [Fact]
    public void The_clusters_keys_are_taken_by_the_oldest_too()
    {
        (TicketKeyState next, TicketKeyStep step) =
            new TicketKeyState(TicketKeyRing.Empty).Answered(TicketKeyRing.Of([Old]), isOldest: true, () => Young);
        Assert.Equal(TicketKeyStep.Ready, step);
        Assert.Equal(TicketKeyRing.Of([Old]), next.Ring);
    }

    [Fact]
    public void Keys_from_disk_are_shared_before_this_node_signs_with_them()
    {
        var withOld = new TicketKeyState(TicketKeyRing.Of([Old]));
        Assert.Equal(TicketKeyStep.Ready, withOld.Answered(TicketKeyRing.Of([Old, Young]), false, () => Young).Step);
        Assert.Equal(TicketKeyStep.Share, withOld.Answered(TicketKeyRing.Empty, false, () => Young).Step);
        Assert.Equal(TicketKeyStep.Share, new TicketKeyState(TicketKeyRing.Of([Young])).Answered(TicketKeyRing.Of([Old]), false, () => Young).Step);

        (TicketKeyState next, TicketKeyStep step) = withOld.Answered(TicketKeyRing.Of([Young]), false, () => Young);
        Assert.Equal(TicketKeyStep.ShareAndSettle, step);
        Assert.Equal(Old, next.Ring.Keys[0]);
    }

    [Fact]
    public void A_node_that_nobody_answers_goes_on_with_what_it_has_or_makes_its_own()
    {
        Assert.Equal(Young, new TicketKeyState(TicketKeyRing.Empty).Alone(() => Young).Next.Ring.Keys[0]);
        Assert.Equal(Old, Assert.Single(new TicketKeyState(TicketKeyRing.Of([Old])).Alone(() => Young).Next.Ring.Keys));
    }

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
