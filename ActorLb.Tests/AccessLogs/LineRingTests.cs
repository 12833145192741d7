using System.Globalization;
using System.Text;
using ActorLb.Engine.AccessLogs;
using Xunit;

namespace ActorLb.Tests.AccessLogs;

public sealed class LineRingTests
{
    private const int WordBytes = 4;

    private readonly byte[] _read = new byte[64 * 1024];

    [Theory]
    [InlineData(1, 8)]
    [InlineData(63, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    public void Its_size_is_a_power_of_two(int wanted, int bytes) => Assert.Equal(bytes, new LineRing(wanted).Bytes);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void It_holds_what_has_room_beside_its_length(int beyond, bool fits)
    {
        var ring = new LineRing(64);
        Assert.Equal(fits, ring.TryWrite(new byte[64 - WordBytes + beyond]));
    }

    [Fact]
    public void Lines_come_out_whole_and_in_order()
    {
        var ring = new LineRing(1024);
        foreach (string line in (string[])["a\n", "bcd\n", "efghi\n"])
        {
            Assert.True(ring.TryWrite(Encoding.ASCII.GetBytes(line)));
        }

        Assert.Equal("a\nbcd\nefghi\n", Read(ring, out int lines));
        Assert.Equal(3, lines);
        Assert.Equal("", Read(ring, out lines));
        Assert.Equal(0, lines);
    }

    [Fact]
    public void An_empty_line_is_nothing()
    {
        var ring = new LineRing(64);
        Assert.True(ring.TryWrite([]));
        Assert.True(ring.TryWrite("a"u8));
        Assert.Equal("a", Read(ring, out _));
    }

    [Fact]
    public void A_reader_with_little_room_takes_whole_lines_only()
    {
        var ring = new LineRing(1024);
        ring.TryWrite("12345"u8);
        ring.TryWrite("678"u8);
        Assert.Equal(0, ring.Read(new byte[4], out _));
        Assert.Equal(5, ring.Read(new byte[7], out _));
        Assert.Equal("678", Read(ring, out _));
    }

    [Fact]
    public void Lines_of_every_length_go_round_the_end()
    {
        var ring = new LineRing(256);
        for (int i = 1; i < 2000; i++)
        {
            string line = new((char)('a' + (i % 26)), 1 + (i % 100));
            Assert.True(ring.TryWrite(Encoding.ASCII.GetBytes(line)));
            Assert.Equal(line, Read(ring, out _));
        }
    }

    [Fact]
    public void A_full_ring_refuses_and_has_room_again_once_it_was_read()
    {
        var ring = new LineRing(64);
        int written = 0;
        while (ring.TryWrite("1234"u8))
        {
            written++;
        }

        Assert.Equal(64 / (2 * WordBytes), written);
        Read(ring, out int lines);
        Assert.Equal(written, lines);
        Assert.True(ring.TryWrite("1234"u8));
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        var ring = new LineRing(4096);
        byte[] line = new byte[200];
        ring.TryWrite(line);
        ring.Read(_read, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            ring.TryWrite(line);
            ring.Read(_read, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Of_many_threads_every_accepted_line_comes_out_once_whole_and_in_its_threads_order()
    {
        const int Threads = 6;
        const int LinesEach = 30_000;
        var ring = new LineRing(8192);
        int running = Threads;
        long refused = 0;
        Task[] writers = [.. Enumerable.Range(0, Threads).Select(t => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < LinesEach; i++)
                {
                    string padding = new((char)('a' + t), i % 60);
                    if (!ring.TryWrite(Encoding.ASCII.GetBytes($"{t} {i} {padding}\n")))
                    {
                        Interlocked.Increment(ref refused);
                    }
                }

                Interlocked.Decrement(ref running);
            },
            TaskCreationOptions.LongRunning))];

        var last = new int[Threads];
        Array.Fill(last, -1);
        int seen = 0;
        bool finished;
        do
        {
            finished = Volatile.Read(ref running) == 0;
            string text = Read(ring, out int lines);
            string[] split = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(lines, split.Length);
            foreach (string line in split)
            {
                string[] parts = line.Split(' ');
                int thread = int.Parse(parts[0], CultureInfo.InvariantCulture);
                int number = int.Parse(parts[1], CultureInfo.InvariantCulture);
                Assert.Equal(new string((char)('a' + thread), number % 60), parts[2]);
                Assert.True(number > last[thread]);
                last[thread] = number;
                seen++;
            }

            finished &= lines == 0;
        }
        while (!finished);

        await Task.WhenAll(writers);
        Assert.Equal(Threads * LinesEach, seen + refused);
    }

    private string Read(LineRing ring, out int lines) => Encoding.ASCII.GetString(_read, 0, ring.Read(_read, out lines));
}
