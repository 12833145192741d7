using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2;
using ActorLb.Engine.Http2.Client;
using Xunit;

namespace ActorLb.Tests.Http2.Client;

public sealed class Http2ConnectionTests
{
    private const int Rounds = 400;
    private const int Calls = 24;
    private const int Parts = 1;

    [Fact]
    public async Task Each_call_says_that_it_has_ended_however_full_the_output_is()
    {
        await using var peer = new RecordingPeer();
        using Http2Connection connection = await Http2Connection.OpenAsync(
            peer, new Http2Options(Rounds * Calls, 65536, TimeSpan.Zero, IsTls: false, new MessageLimits(8192, 32768, 100, MessageLimits.UsualChunkLineBytesMax)), TimeProvider.System, () => { }, _ => { }, CancellationToken.None);
        byte[] part = new byte[Http2Connection.PayloadBytesMax];
        for (int round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(async () =>
            {
                Http2Call call = connection.TryReserve(default)!;
                Assert.True(connection.TryBegin(call, "x"u8, ends: false));
                for (int i = 0; i < Parts; i++)
                {
                    Assert.True(await connection.SendAsync(call, part, ends: false));
                }

                Assert.True(await connection.SendAsync(call, default, ends: true));
            })));
        }

        // What was said last goes out in its turn.
        await peer.UntilAsync(Rounds * Calls);
    }

    /// <summary>Allows everything, and hears when a stream ends.</summary>
    private sealed class RecordingPeer : Stream
    {
        private readonly Queue<byte> _received = [];
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim _ends = new(0);
        private byte[] _said = Settings();
        private int _prefaceLeft = FrameWriter.Preface.Length;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public async Task UntilAsync(int ends)
        {
            for (int i = 0; i < ends; i++)
            {
                Assert.True(await _ends.WaitAsync(TimeSpan.FromSeconds(30)), $"{i} of {ends} streams have ended");
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_said.Length == 0)
            {
                await _closed.Task;
                return 0;
            }

            int count = Math.Min(_said.Length, buffer.Length);
            _said.AsSpan(0, count).CopyTo(buffer.Span);
            _said = _said[count..];
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            foreach (byte b in buffer.Span)
            {
                if (_prefaceLeft > 0)
                {
                    _prefaceLeft--;
                }
                else
                {
                    _received.Enqueue(b);
                }
            }

            Take();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetResult();
            base.Dispose(disposing);
        }

        private static byte[] Settings()
        {
            Setting[] settings = [new(SettingId.MaxConcurrentStreams, Rounds * Calls), new(SettingId.InitialWindowSize, int.MaxValue)];
            byte[] frames = new byte[FrameWriter.SettingsBytes(settings.Length) + FrameWriter.WindowUpdateBytes];
            int length = FrameWriter.WriteSettings(settings, frames);
            FrameWriter.WriteWindowUpdate(0, int.MaxValue - PeerParameters.UsualWindow, frames.AsSpan(length));
            return frames;
        }

        private void Take()
        {
            while (_received.Count >= FrameHeader.Bytes)
            {
                Assert.True(FrameHeader.TryRead([.. _received.Take(FrameHeader.Bytes)], out FrameHeader header));
                if (_received.Count < FrameHeader.Bytes + header.Length)
                {
                    return;
                }

                for (int i = 0; i < FrameHeader.Bytes + header.Length; i++)
                {
                    _received.Dequeue();
                }

                if (header is { Type: FrameType.Data, EndsStream: true })
                {
                    _ends.Release();
                }
            }
        }
    }
}
