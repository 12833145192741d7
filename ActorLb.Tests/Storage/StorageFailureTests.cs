using System.IO.Hashing;
using ActorLb.Engine.Sessions;
using ActorLb.Node.States;
using ActorLb.Node.Storage;
using ActorLb.Shared.Sessions;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ActorLb.Tests.Storage;

public sealed class StorageFailureTests : StoreWorld
{
    [Fact]
    public async Task A_full_disk_is_reported_and_everything_is_written_when_there_is_room_again()
    {
        (NodeStore store, BindingTable table) = Open(pageCountMax: 60);
        await store.SaveAsync(StateNames.TicketKeys, Number(7));
        PublishAll(table, Enumerable.Range(0, 20_000).Select(i => Session(i)));
        store.Flush();
        Time.Advance(TimeSpan.FromSeconds(5));

        StorageStatus full = store.Status;
        Assert.Equal(StorageState.Failing, full.State);
        Assert.Contains("full", full.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(TimeSpan.FromSeconds(5), full.UnwrittenFor);
        Assert.True(table.TryGet(Session(1).Id, out _));

        store.PageCountMax = 0;
        await RecoversAsync(store);
        Assert.Null(store.Status.Detail);
        Assert.Equal(TimeSpan.Zero, store.Status.UnwrittenFor);
        (NodeStore copy, BindingTable read) = OpenCopy();
        Assert.Equal(All(table), All(read));
        Assert.Equal(Number(7), copy.State(StateNames.TicketKeys));
    }

    [Fact]
    public async Task A_state_that_cannot_be_saved_says_so_and_is_saved_later()
    {
        (NodeStore store, _) = Open(pageCountMax: 12);
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync(StateNames.TicketKeys, new byte[400_000]));
        Assert.Equal(StorageState.Failing, store.Status.State);
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync(StateNames.OperatorDecisions, Number(1)));
        Assert.False(store.IsKept(StateNames.OperatorDecisions));

        store.PageCountMax = 0;
        await RecoversAsync(store);
        (NodeStore copy, _) = OpenCopy();
        Assert.True(store.IsKept(StateNames.OperatorDecisions));
        Assert.Equal(400_000, copy.State(StateNames.TicketKeys)!.Length);
        Assert.Equal(Number(1), copy.State(StateNames.OperatorDecisions));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("header")]
    public async Task A_damaged_file_is_set_aside_and_the_node_goes_on_with_what_is_sound(string damage)
    {
        (NodeStore store, BindingTable table) = Open();
        await store.SaveAsync(StateNames.TicketKeys, Number(7));
        PublishAll(table, Enumerable.Range(0, 20_000).Select(i => Session(i)));
        Close(store);
        byte[] bytes = File.ReadAllBytes(FilePath);
        byte[] damaged = damage switch
        {
            "text" => "not a database, but long enough to look like something that somebody wrote"u8.ToArray(),
            "flipped" => [.. bytes.Select((b, i) => i > bytes.Length / 2 && i % 977 == 0 ? (byte)(b ^ 0x10) : b)],
            "cut" => bytes[..(bytes.Length / 3)],
            _ => [.. new byte[100], .. bytes[100..]],
        };
        File.WriteAllBytes(FilePath, damaged);

        (NodeStore again, BindingTable read) = Open();
        Assert.Equal(StorageState.Ok, again.Status.State);
        Assert.Contains("set aside", again.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(Assert.Single(Directory.GetFiles(Folder, "*.corrupt-????????"))));
        Assert.All(All(read), b => Assert.Equal(Session((int)b.Id.Low), b));
        await again.SaveAsync(StateNames.OperatorDecisions, Number(1));
        PublishAll(read, [Session(30_000)]);
        again.Flush();
        (NodeStore copy, BindingTable after) = OpenCopy();
        Assert.Equal(All(read), All(after));
        Assert.Equal(Number(1), copy.State(StateNames.OperatorDecisions));
    }

    [Fact]
    public async Task A_wrong_byte_in_a_blob_is_noticed_and_the_other_blobs_are_kept()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, Enumerable.Range(0, 20_000).Select(i => Session(i)));
        await store.SaveAsync(StateNames.TicketKeys, Number(7));
        Close(store);
        using (var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE image SET records = randomblob(length(records)) WHERE bucket = 3";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        (NodeStore again, BindingTable read) = Open();
        Assert.Contains("bucket 3", again.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(Number(7), again.State(StateNames.TicketKeys));
        Assert.Equal(All(table).Where(b => BucketId.IndexOf(b.Id) != 3), All(read));
    }

    [Fact]
    public async Task A_damaged_file_that_cannot_be_set_aside_now_is_set_aside_later_and_writing_goes_on()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, Enumerable.Range(0, 2_000).Select(i => Session(i)));
        store.Flush();
        Close(store);
        byte[] damaged = [.. File.ReadAllBytes(FilePath).Select((b, i) => i % 97 == 0 ? (byte)(b ^ 0x10) : b)];
        File.WriteAllBytes(FilePath, damaged);

        // As on a disk that was mounted again for reading alone: no file can be renamed to that.
        string aside = $"{FilePath}.corrupt-{Convert.ToHexString(XxHash32.Hash(damaged.AsSpan(0, Math.Min(damaged.Length, 1 << 20)))).ToLowerInvariant()}";
        Directory.CreateDirectory(aside);
        File.WriteAllText(Path.Combine(aside, "in-the-way"), "");
        (NodeStore again, BindingTable read) = Open();
        Assert.Equal(StorageState.Failing, again.Status.State);
        for (int second = 0; second < 3; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            again.Flush();
        }

        Assert.Equal(StorageState.Failing, again.Status.State);
        Directory.Delete(aside, recursive: true);
        PublishAll(read, [Session(30_000)]);
        await RecoversAsync(again);
        await again.SaveAsync(StateNames.OperatorDecisions, Number(1));
        (NodeStore copy, BindingTable after) = OpenCopy();
        Assert.Contains(Session(30_000), All(after));
        Assert.Equal(Number(1), copy.State(StateNames.OperatorDecisions));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_found_damaged_while_writing_ends_writing_behind_never(bool vanishes)
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, [Session(1)]);
        Close(store);
        byte[] bytes = File.ReadAllBytes(FilePath);
        string aside = $"{FilePath}.corrupt-{Convert.ToHexString(XxHash32.Hash(bytes.AsSpan(0, Math.Min(bytes.Length, 1 << 20)))).ToLowerInvariant()}";
        Directory.CreateDirectory(aside);
        File.WriteAllText(Path.Combine(aside, "in-the-way"), "");
        (NodeStore again, BindingTable read) = Open();
        again.BeforeWrite = () => throw new SqliteException("database disk image is malformed", SQLitePCL.raw.SQLITE_CORRUPT);

        // What the timer calls: whatever it throws ends it.
        await Assert.ThrowsAsync<IOException>(() => again.SaveAsync(StateNames.OperatorDecisions, Number(1)));
        for (int second = 0; second < 3; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            again.Flush();
            Assert.Equal(StorageState.Failing, again.Status.State);
        }

        again.BeforeWrite = null;
        if (vanishes)
        {
            File.Delete(FilePath);
        }
        else
        {
            Directory.Delete(aside, recursive: true);
        }

        PublishAll(read, [Session(2)]);
        await RecoversAsync(again);
        if (vanishes)
        {
            Directory.Delete(aside, recursive: true);
        }

        Assert.True(again.IsKept(StateNames.OperatorDecisions));
        (NodeStore copy, BindingTable after) = OpenCopy();
        Assert.Equal(All(read), All(after));
        Assert.Equal(Number(1), copy.State(StateNames.OperatorDecisions));
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_keeps_nobody_waiting_who_saves_a_state()
    {
        (NodeStore store, _) = Open();
        await store.SaveAsync(StateNames.TicketKeys, Number(1));
        using var stalled = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.BeforeWrite = () =>
        {
            reached.TrySetResult();
            stalled.Wait();
        };

        // None of these may wait: they are called in the mailboxes of actors.
        Task first = store.SaveAsync(StateNames.TicketKeys, Number(2));
        await reached.Task;
        Task[] others = [.. Enumerable.Range(3, 100).Select(i => store.SaveAsync(StateNames.OperatorDecisions, Number(i)))];
        Assert.Equal(Number(2), store.State(StateNames.TicketKeys));
        Assert.Equal(Number(102), store.State(StateNames.OperatorDecisions));
        Assert.False(store.IsKept(StateNames.TicketKeys));
        Assert.False(store.IsKept(StateNames.OperatorDecisions));
        Assert.False(first.IsCompleted);

        stalled.Set();
        await Task.WhenAll([first, .. others]);
        Assert.True(store.IsKept(StateNames.TicketKeys));
        (NodeStore copy, _) = OpenCopy();
        Assert.Equal(Number(102), copy.State(StateNames.OperatorDecisions));
        Assert.Equal(Number(2), copy.State(StateNames.TicketKeys));
    }

    [Fact]
    public async Task A_file_that_vanishes_is_written_anew()
    {
        (NodeStore store, BindingTable table) = Open();
        await store.SaveAsync(StateNames.TicketKeys, Number(7));
        PublishAll(table, Enumerable.Range(0, 100).Select(i => Session(i)));
        store.Flush();
        foreach (string file in Directory.GetFiles(Folder))
        {
            File.Delete(file);
        }

        store.Flush();
        (NodeStore copy, BindingTable read) = OpenCopy();
        Assert.Equal(All(table), All(read));
        Assert.Equal(Number(7), copy.State(StateNames.TicketKeys));
    }

    [Fact]
    public void Two_nodes_cannot_share_a_data_directory()
    {
        Open();
        IOException refused = Assert.Throws<IOException>(() => Open());
        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_does_not_stop_the_node()
    {
        string folder = Path.Combine(Folder, "file");
        File.WriteAllText(folder, "");
        (NodeStore store, BindingTable table) = Open(folder: folder);
        Assert.Equal(StorageState.Failing, store.Status.State);

        PublishAll(table, [Session(1)]);
        File.Delete(folder);
        await RecoversAsync(store);
        Close(store);
        Assert.Equal([Session(1)], All(Open(folder: folder).Table));
    }

    [Fact]
    public async Task A_file_that_appears_late_tells_what_it_knows()
    {
        (NodeStore store, BindingTable table) = Open();
        PublishAll(table, [Session(1), Session(2, version: 3)]);
        Close(store);
        string away = Path.Combine(Folder, "away");
        File.Move(FilePath, away);
        Directory.CreateDirectory(FilePath);
        (NodeStore late, BindingTable read) = Open();
        Assert.Equal(StorageState.Failing, late.Status.State);
        PublishAll(read, [Session(2)]);

        Directory.Delete(FilePath);
        File.Move(away, FilePath);
        await RecoversAsync(late);
        Assert.True(read.TryGet(Session(1).Id, out _));
        Assert.True(read.TryGet(Session(2).Id, out Binding newer));
        Assert.Equal(3u, newer.Version);
    }

    [Fact]
    public void A_database_of_another_program_is_set_aside()
    {
        using (var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs(value TEXT); INSERT INTO theirs VALUES('dear to them'); PRAGMA user_version = 1";
            command.ExecuteNonQuery();
        }

        (NodeStore store, BindingTable table) = Open();
        Assert.Equal(StorageState.Ok, store.Status.State);
        Assert.Contains("not one of ActorLb", store.Status.Detail, StringComparison.Ordinal);
        PublishAll(table, [Session(1)]);
        Close(store);
        Assert.Equal([Session(1)], All(Open().Table));

        using var aside = new SqliteConnection($"Data Source={Directory.GetFiles(Folder, "*.corrupt-????????").Single()};Pooling=False");
        aside.Open();
        using SqliteCommand look = aside.CreateCommand();
        look.CommandText = "SELECT value FROM theirs";
        Assert.Equal("dear to them", look.ExecuteScalar());
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_left_alone()
    {
        Close(Open().Store);
        using (var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"PRAGMA user_version = {NodeDatabase.SchemaVersion + 1}";
            command.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(FilePath);
        (NodeStore store, BindingTable table) = Open();
        Assert.Equal(StorageState.Off, store.Status.State);
        Assert.Contains("newer version", store.Status.Detail, StringComparison.Ordinal);
        PublishAll(table, [Session(1)]);
        store.Flush();
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync(StateNames.TicketKeys, Number(1)));
        Assert.Equal(StorageState.Off, store.Status.State);
        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    // The store flushes by itself too, and a try that fails puts the next one off.
    private Task RecoversAsync(NodeStore store) => Sessions.Eventually.Holds(
        () =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            store.Flush();
            return store.Status.State == StorageState.Ok;
        },
        "the file is written again");
}
