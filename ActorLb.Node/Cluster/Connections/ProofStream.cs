using System.Net.Sockets;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>A connection of which so many bytes are read at most until its peer has proved itself. Owns its socket.</summary>
internal sealed class ProofStream(Socket socket, int bytesMax) : Stream
{
    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private long _left = bytesMax;

    /// <summary>What came first, which tells protocols apart; -1 while nothing came.</summary>
    public int FirstByte { get; private set; } = -1;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on everything is read.</summary>
    public void Proved() => _left = long.MaxValue;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left <= 0)
        {
            throw new PeerRefusedException($"it sent {bytesMax} bytes without proving that it is a node");
        }

        int read = await _inner.ReadAsync(_left < buffer.Length ? buffer[..(int)_left] : buffer, cancellationToken);
        if (FirstByte < 0 && read > 0)
        {
            FirstByte = buffer.Span[0];
        }

        if (_left != long.MaxValue)
        {
            _left -= read;
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => _inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
