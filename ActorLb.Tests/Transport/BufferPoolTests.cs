using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ActorLb.Engine.Transport;
using Xunit;

namespace ActorLb.Tests.Transport;

public sealed class BufferPoolTests : IDisposable
{
    // As the pool keeps of each size.
    private const int KeptBytesMax = 4 * 1024 * 1024;

    private readonly BufferPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(0, BufferPool.SmallBytes)]
    [InlineData(BufferPool.SmallBytes, BufferPool.SmallBytes)]
    [InlineData(BufferPool.SmallBytes + 1, BufferPool.MediumBytes)]
    [InlineData(BufferPool.MediumBytes, BufferPool.MediumBytes)]
    [InlineData(BufferPool.MediumBytes + 1, BufferPool.LargeBytes)]
    [InlineData(BufferPool.LargeBytes, BufferPool.LargeBytes)]
    [InlineData(BufferPool.LargeBytes + 1, BufferPool.LargeBytes + 1)]
    public void A_buffer_has_the_next_size_and_is_lent_until_it_comes_back(int wanted, int capacity)
    {
        LoopBuffer buffer = _pool.Rent(wanted);
        Assert.Equal((capacity, 0, capacity), (buffer.Capacity, buffer.Length, buffer.Room));
        Check(lent: capacity, kept: 0);

        _pool.Return(ref buffer);

        Assert.False(buffer.IsRented);
        Check(lent: 0, kept: capacity > BufferPool.LargeBytes ? 0 : capacity);
    }

    [Fact]
    public void What_came_back_last_is_lent_next_and_empty()
    {
        LoopBuffer first = _pool.Rent(1);
        LoopBuffer second = _pool.Rent(1);
        first.Add("something"u8);
        ReadOnlySpan<byte> last = first.Unread;
        _pool.Return(ref second);
        _pool.Return(ref first);

        LoopBuffer next = _pool.Rent(1);

        Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(last), ref MemoryMarshal.GetReference(next.Unread)));
        Assert.Equal(0, next.Length);
        _pool.Return(ref next);
    }

    [Fact]
    public void Two_that_are_lent_at_once_share_nothing()
    {
        LoopBuffer first = _pool.Rent(1);
        LoopBuffer second = _pool.Rent(1);
        first.Add(Enumerable.Repeat((byte)1, first.Capacity).ToArray());
        second.Add(Enumerable.Repeat((byte)2, second.Capacity).ToArray());

        Assert.False(first.Unread.ContainsAnyExcept((byte)1));
        _pool.Return(ref first);
        _pool.Return(ref second);
    }

    [Fact]
    public void One_that_comes_back_twice_is_kept_once()
    {
        LoopBuffer buffer = _pool.Rent(1);
        _pool.Return(ref buffer);
        _pool.Return(ref buffer);

        Check(lent: 0, kept: BufferPool.SmallBytes);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void No_more_than_four_mebibytes_of_a_size_are_kept(int more)
    {
        const int Most = KeptBytesMax / BufferPool.LargeBytes;
        var buffers = new LoopBuffer[Most + more];
        for (int i = 0; i < buffers.Length; i++)
        {
            buffers[i] = _pool.Rent(BufferPool.LargeBytes);
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            _pool.Return(ref buffers[i]);
        }

        Check(lent: 0, kept: Math.Min(Most, Most + more) * BufferPool.LargeBytes);
    }

    [Fact]
    public void A_buffer_that_grows_holds_what_was_unread()
    {
        LoopBuffer buffer = _pool.Rent(1);
        buffer.Add("gone, kept"u8);
        buffer.Start = 6;

        _pool.Grow(ref buffer, BufferPool.SmallBytes + 1);

        Assert.True(buffer.Unread.SequenceEqual("kept"u8));
        Assert.Equal(BufferPool.MediumBytes - 4, buffer.Room);
        Check(lent: BufferPool.MediumBytes, kept: BufferPool.SmallBytes);
        _pool.Return(ref buffer);
    }

    [Fact]
    public void A_buffer_whose_beginning_was_read_makes_room_at_its_end()
    {
        LoopBuffer buffer = _pool.Rent(1);
        buffer.Add("gone, kept"u8);
        buffer.Start = 6;

        buffer.Compact();
        buffer.Add(" and more"u8);

        Assert.True(buffer.Unread.SequenceEqual("kept and more"u8));
        Assert.Equal(BufferPool.SmallBytes - 13, buffer.Room);
        _pool.Return(ref buffer);
    }

    private void Check(long lent, long kept)
    {
        Assert.Equal(lent, _pool.LentBytes);
        Assert.Equal(kept, _pool.KeptBytes);
    }
}
