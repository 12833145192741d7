namespace ActorLb.Engine.Kestrel;

/// <summary>A client's connection of HTTP/1.1 after a switch of protocols: whatever it says, from the first byte behind its request.</summary>
internal sealed class UpgradedStream(ClientTransport transport, ClientInput input) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and >= 0
            ? count
            : throw new IOException("the client's connection broke");

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await transport.WriteAsync(buffer).ConfigureAwait(false))
        {
            throw new IOException("the client's connection broke");
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
