using System.Security.Cryptography;
using System.Text;
using ActorLb.Node.Affinity.TicketKeys;
using ActorLb.Node.Operator;
using ActorLb.Node.Storage;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Xunit;

namespace ActorLb.Tests.Storage;

public sealed class LegacyStateTests : StoreWorld
{
    /// <summary>As version 0.1 wrote it: one key, made at 1000, of 32 bytes 0x2a.</summary>
    private const string KeyLines = "actorlb ticket keys 1\n1000 KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=\n";

    private static readonly OperatorDecisions Decisions = OperatorDecisions.Of(
        [new(new BackendName("web", "a"), OperatorState.Draining, new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), 7, "node-1")]);

    private static string WholeKeys => KeyLines + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(KeyLines))) + "\n";

    [Fact]
    public void The_two_files_of_the_version_before_are_taken_over_once()
    {
        string keys = Path.Combine(Folder, LegacyStates.KeyFile);
        string operators = Path.Combine(Folder, LegacyStates.OperatorFile);
        File.WriteAllText(keys, WholeKeys);
        File.WriteAllBytes(operators, WholeDecisions());

        (NodeStore store, _) = Open();
        TicketKey key = Assert.Single(TicketKeyWire.OfBytes(store.State(StateCells.TicketKeys)).Keys);
        Assert.Equal(new TicketKey([.. Enumerable.Repeat((byte)0x2a, 32)], 1000), key);
        Assert.Equal(Decisions, OperatorSerializer.OfBytes(store.State(StateCells.OperatorDecisions)));
        Assert.False(File.Exists(keys) || File.Exists(operators));
        Assert.True(File.Exists(keys + ".migrated") && File.Exists(operators + ".migrated"));

        (NodeStore copy, _) = OpenCopy();
        Assert.NotNull(copy.State(StateCells.TicketKeys));
        Assert.NotNull(copy.State(StateCells.OperatorDecisions));
    }

    [Fact]
    public async Task What_the_new_file_has_is_not_replaced_by_an_old_one()
    {
        await Open().Store.SaveAsync(StateCells.TicketKeys, Number(7));
        File.WriteAllText(Path.Combine(Folder, LegacyStates.KeyFile), WholeKeys);

        Assert.Equal(Number(7), OpenCopy().Store.State(StateCells.TicketKeys));
    }

    [Fact]
    public void A_file_that_cannot_be_renamed_yet_is_kept_until_its_state_is_written()
    {
        File.WriteAllText(Path.Combine(Folder, LegacyStates.KeyFile), WholeKeys);
        Directory.CreateDirectory(FilePath);

        Assert.NotNull(Open().Store.State(StateCells.TicketKeys));
        Assert.True(File.Exists(Path.Combine(Folder, LegacyStates.KeyFile)));
    }

    [Fact]
    public void Every_prefix_and_every_flipped_byte_of_the_old_files_is_nothing()
    {
        string text = WholeKeys;
        byte[] bytes = WholeDecisions();
        Assert.NotNull(LegacyStates.Keys(text));
        Assert.NotNull(LegacyStates.Decisions(bytes));
        for (int i = 0; i < text.Length; i++)
        {
            char[] flipped = text.ToCharArray();
            flipped[i] ^= (char)1;
            Assert.Null(LegacyStates.Keys(text[..i]));
            Assert.Null(LegacyStates.Keys(new string(flipped)));
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i] ^= 1;
            Assert.Null(LegacyStates.Decisions(bytes.AsSpan(0, i)));
            Assert.Null(LegacyStates.Decisions(flipped));
        }
    }

    private static byte[] WholeDecisions()
    {
        byte[] decisions = OperatorSerializer.ToBytes(Decisions);
        return [.. "ALBOPS1\n"u8, .. SHA256.HashData(decisions), .. decisions];
    }
}
