using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// The body of an answer on its way to the client, with its bytes counted and a client that takes nothing noted. One object
/// serves all requests of a connection.
/// </summary>
internal sealed class CountedBody(ClientPresence client) : Stream, IHttpResponseBodyFeature
{
    private IHttpResponseBodyFeature? _inner;

    public long Bytes { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    Stream IHttpResponseBodyFeature.Stream => this;

    // Nobody here writes to the pipe; what is written there is not counted.
    PipeWriter IHttpResponseBodyFeature.Writer => Inner.Writer;

    private IHttpResponseBodyFeature Inner => _inner ?? throw new InvalidOperationException("no request is being answered");

    public void Begin(IFeatureCollection features)
    {
        Bytes = 0;
        _inner = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        features.Set<IHttpResponseBodyFeature>(this);
    }

    public void End() => _inner = null;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Bytes += buffer.Length;
        ValueTask write = Inner.Stream.WriteAsync(buffer, cancellationToken);
        return write.IsCompleted ? write : WatchAsync(write, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Inner.Stream.FlushAsync(cancellationToken);

    public override void Flush() => Inner.Stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    void IHttpResponseBodyFeature.DisableBuffering() => Inner.DisableBuffering();

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Inner.StartAsync(cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => Inner.CompleteAsync();

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        Inner.SendFileAsync(path, offset, count, cancellationToken);

    private async ValueTask WatchAsync(ValueTask write, CancellationToken cancellation)
    {
        // Registered last, and so called before the server breaks the connection off for the same reason.
        using CancellationTokenRegistration cancelled = cancellation.UnsafeRegister(
            static c => ((ClientPresence)c!).OnWriteCancelled(), client);
        await write;
    }
}
