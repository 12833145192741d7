using System.Buffers.Binary;
using System.IO.Pipelines;
using ActorLb.Node.Cluster.Connections;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cluster.Connections;

public sealed class FrameReaderTests : IDisposable
{
    private const int Max = 1 << 20;

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly List<FrameReader> _readers = [];

    public void Dispose() => _readers.ForEach(r => r.Dispose());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1000)]
    [InlineData(70_000)]
    public async Task Frames_are_whole_wherever_they_were_split(int piece)
    {
        int[] lengths = [0, 1, 3, 20_000, 0, 16_380, 16_384, 200_000, 5];
        byte[] all = [.. lengths.SelectMany((l, i) => Frame(l, (byte)i))];
        FrameReader reader = Reader(null);
        Task writing = WriteAsync(all, piece);
        for (int i = 0; i < lengths.Length; i++)
        {
            ReadOnlyMemory<byte>? frame = await reader.ReadAsync(Max, CancellationToken.None);
            Assert.Equal(lengths[i], frame!.Value.Length);
            Assert.True(frame.Value.Span.IndexOfAnyExcept((byte)i) < 0);
        }

        await writing;
        await _pipe.Writer.CompleteAsync();
        Assert.Null(await reader.ReadAsync(Max, CancellationToken.None));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_frame_has_so_many_bytes(int over, bool taken)
    {
        FrameReader reader = Reader(null);
        await WriteAsync(Frame(1000 + over, 7), 5000);
        if (taken)
        {
            Assert.Equal(1000 + over, (await reader.ReadAsync(1000, CancellationToken.None))!.Value.Length);
        }
        else
        {
            await Assert.ThrowsAsync<PeerRefusedException>(async () => await reader.ReadAsync(1000, CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_stream_that_ends_within_a_frame_is_broken()
    {
        FrameReader reader = Reader(null);
        await WriteAsync(Frame(10, 7)[..^1], 5000);
        await _pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<IOException>(async () => await reader.ReadAsync(Max, CancellationToken.None));
    }

    [Fact]
    public async Task Who_proved_nothing_has_ten_seconds_for_a_frame_that_has_begun_and_any_time_between_two()
    {
        FrameReader reader = Reader(new UnfinishedFrames(Max));
        ValueTask<ReadOnlyMemory<byte>?> first = reader.ReadAsync(Max, CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(1));
        await WriteAsync(Frame(10, 7), 5000);
        Assert.Equal(10, (await first)!.Value.Length);

        await WriteAsync(Frame(10, 7)[..5], 5000);
        ValueTask<ReadOnlyMemory<byte>?> second = reader.ReadAsync(Max, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<PeerRefusedException>(async () => await second);
    }

    [Fact]
    public async Task Large_frames_of_all_who_proved_nothing_share_a_bound_and_give_back_what_they_took()
    {
        var unfinished = new UnfinishedFrames(600_000);
        for (int i = 0; i < 10; i++)
        {
            FrameReader one = Reader(unfinished);
            await WriteAsync(Frame(400_000, 7), 500_000);
            Assert.Equal(400_000, (await one.ReadAsync(Max, CancellationToken.None))!.Value.Length);
            one.Dispose();
            _readers.Remove(one);
        }

        FrameReader many = Reader(unfinished);
        await WriteAsync(Frame(700_000, 7), 700_004);
        await Assert.ThrowsAsync<PeerRefusedException>(async () => await many.ReadAsync(Max, CancellationToken.None));
    }

    private FrameReader Reader(UnfinishedFrames? unfinished)
    {
        var reader = new FrameReader(_pipe.Reader.AsStream(leaveOpen: true), unfinished, _time);
        _readers.Add(reader);
        return reader;
    }

    private async Task WriteAsync(byte[] bytes, int piece)
    {
        for (int at = 0; at < bytes.Length; at += piece)
        {
            await _pipe.Writer.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)));
        }
    }

    private static byte[] Frame(int length, byte content)
    {
        byte[] frame = new byte[4 + length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        frame.AsSpan(4).Fill(content);
        return frame;
    }
}
