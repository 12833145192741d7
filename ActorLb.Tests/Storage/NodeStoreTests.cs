using ActorLb.Engine.Sessions;
using ActorLb.Node.States;
using ActorLb.Node.Storage;
using ActorLb.Shared.Sessions;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Storage;

public sealed class NodeStoreTests : StoreWorld
{
    private static readonly TimeSpan IdleTimeout = Sessions.SessionWorld.Settings().Topology.Pools["web"].Affinity.IdleTimeout;

    [Fact]
    public void What_was_flushed_is_there_after_a_kill()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, Enumerable.Range(0, 5000).Select(i => Session(i)));
        store.Flush();
        PublishAll(table, Enumerable.Range(100, 50).Select(i => Session(i, version: 2)));
        store.Flush();
        List<Binding> flushed = All(table);
        PublishAll(table, [Session(9999)]);

        Assert.Equal(flushed, All(OpenCopy().Table));
    }

    [Fact]
    public void What_only_this_node_knows_yet_is_on_disk_too()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, [Session(1)]);
        Assert.True(table.Note(Session(2)));
        Assert.True(table.Note(Session(1, version: 5)));
        store.Flush();

        Assert.Equal(BucketsOf([Session(1, version: 5), Session(2)]), Buckets(OpenCopy().Table));
    }

    [Fact]
    public void Any_changes_and_any_flushes_read_back_as_the_last_flush_had_them()
    {
        Gen<(int, uint, uint)[]> changes = Gen.Select(Gen.Int[0, 400], Gen.UInt[1, 5], Gen.UInt[Now - 100, Now]).Array[0, 300];
        changes.Array[1, 12].Sample(
            rounds =>
            {
                string folder = Path.Combine(Folder, Guid.NewGuid().ToString("N"));
                (NodeStore store, BindingTable table) = Open(folder: folder);
                foreach ((int, uint, uint)[] round in rounds)
                {
                    PublishAll(table, round.Select(c => Session(c.Item1, c.Item2, c.Item3)));
                    store.Flush();
                }

                Close(store);
                (NodeStore again, BindingTable read) = Open(folder: folder);
                Assert.Equal(Buckets(table), Buckets(read));
                Close(again);
            },
            iter: 40,
            threads: 1);
    }

    [Fact]
    public void The_file_stays_bounded_however_often_the_same_sessions_change()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, Enumerable.Range(0, 20_000).Select(i => Session(i)));
        store.Flush();
        long once = 0;
        for (uint round = 2; round < 60; round++)
        {
            PublishAll(table, Enumerable.Range(0, 20_000).Where(i => i % 3 == round % 3).Select(i => Session(i, version: round)));
            Assert.True(table.Note(Session(777_777)));
            store.Flush();

            // A round of images takes 64 flushes, also when nothing changes.
            for (int i = 0; i < 70; i++)
            {
                store.Flush();
            }

            once = once == 0 ? store.Status.Bytes : once;
        }

        Assert.InRange(store.Status.Bytes, 1, (once * 2) + (10 << 20));
        Assert.Equal(BucketsOf(All(table).Append(Session(777_777))), Buckets(OpenCopy().Table));
    }

    [Fact]
    public void Nothing_is_written_while_nothing_changes()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, Enumerable.Range(0, 100).Select(i => Session(i)));
        store.Flush();
        DateTime written = LastWrite();
        byte[] before = File.ReadAllBytes(FilePath + "-wal");
        for (int i = 0; i < 10; i++)
        {
            store.Flush();
        }

        Assert.Equal(before, File.ReadAllBytes(FilePath + "-wal"));
        Assert.Equal(written, LastWrite());
    }

    [Fact]
    public void Expired_bindings_do_not_come_back_from_an_old_file()
    {
        (NodeStore store, BindingTable table) = Open();
        uint hourAgo = Now - 3600;
        PublishAll(table, [Session(1, lastSeen: hourAgo), Session(2, lastSeen: Now - 60)]);
        Assert.True(table.Note(Session(3, lastSeen: hourAgo)));
        store.Flush();

        Assert.True(IdleTimeout < TimeSpan.FromHours(1));
        Assert.Equal([Session(2, lastSeen: Now - 60)], All(OpenCopy().Table));
    }

    [Fact]
    public void A_cut_bucket_stays_cut()
    {
        (NodeStore store, BindingTable table) = Open();
        Binding old = Session(1, lastSeen: Now - 500);
        int bucket = BucketId.IndexOf(old.Id);
        PublishAll(table, [old]);
        store.Flush();
        table.Publish(bucket, table.Replicated(bucket).Cut(Now - 400));
        store.Flush();
        Assert.Empty(All(table));

        // The log still has it until the next round of images, and merging it in again is what the horizon is for.
        BindingBucket read = OpenCopy().Table.Replicated(bucket);
        Assert.Empty(table.Replicated(bucket).Merge(read).Page(BindingBucket.PageOf(old.Id)).ToArray());
    }

    [Fact]
    public async Task States_are_on_disk_when_saving_returns()
    {
        (NodeStore store, _) = Open();
        Assert.Null(store.State(StateNames.TicketKeys));
        await store.SaveAsync(StateNames.TicketKeys, Number(1));
        await store.SaveAsync(StateNames.OperatorDecisions, Number(2));
        await store.SaveAsync(StateNames.TicketKeys, Number(3));

        (NodeStore again, _) = OpenCopy();
        Assert.Equal(Number(3), again.State(StateNames.TicketKeys));
        Assert.Equal(Number(2), again.State(StateNames.OperatorDecisions));
    }

    [Fact]
    public void Only_the_nodes_user_may_read_the_file()
    {
        Open().Store.Flush();
        if (!OperatingSystem.IsWindows())
        {
            foreach (string file in Directory.GetFiles(Folder))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public void The_rest_is_written_when_the_node_stops()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, [Session(1)]);
        Close(store);

        Assert.Equal([Session(1)], All(Open().Table));
    }

    private static BindingBucket[] Buckets(BindingTable table) => [.. Enumerable.Range(0, BucketId.Count).Select(table.Replicated)];

    private DateTime LastWrite() => File.GetLastWriteTimeUtc(FilePath + "-wal");
}
