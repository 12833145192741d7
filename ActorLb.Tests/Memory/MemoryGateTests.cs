using ActorLb.Engine.Memory;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Memory;

[Collection(MeasuredMemoryCollection.Name)]
public sealed class MemoryGateTests
{
    [Fact]
    public void Zero_is_three_quarters_of_what_there_is()
    {
        using var gate = new MemoryGate(0, TimeProvider.System);

        Assert.InRange(gate.Limit, MemoryUse.Available / 2, MemoryUse.Available);
    }

    [Fact]
    public void What_is_in_use_counts_what_somebody_holds()
    {
        // What others have left is in use until it is collected: not between the two looks.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var use = new MemoryUse();
        long before = use.Read();
        byte[][] held = [.. Enumerable.Range(0, 1024).Select(_ => new byte[64 * 1024])];
        foreach (byte[] piece in held)
        {
            Array.Fill(piece, (byte)1);
        }

        Assert.InRange(use.Read() - before, 32L << 20, long.MaxValue);
        GC.KeepAlive(held);
    }

    [Fact]
    public void What_was_taken_in_has_its_room_before_it_grows()
    {
        var time = new ManualTime();
        long reserved = 0;
        using var gate = new MemoryGate(1000, time) { Use = () => 200, Collect = () => { } };
        gate.Count(() => reserved);
        gate.Start();

        reserved = 799;
        Assert.True(gate.HasRoom);
        reserved = 800;
        Assert.False(gate.HasRoom);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(gate.IsFull);
        Assert.False(gate.IsOver);
        reserved = 0;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(gate.IsFull);
    }

    [Fact]
    public void It_looks_by_itself_and_says_when_it_changes()
    {
        var time = new ManualTime();
        long used = 2000;
        List<MemoryLevel> levels = [];
        using var gate = new MemoryGate(1000, time) { Use = () => used, Collect = () => { } };
        gate.Changed += levels.Add;
        gate.Start();
        Assert.False(gate.IsFull);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(gate.IsFull);
        Assert.True(gate.IsOver);
        Assert.Equal(2000, gate.Used);

        used = 10;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(gate.IsFull);
        Assert.Equal([MemoryLevel.Over, MemoryLevel.Free], levels);
    }
}
