using System.Buffers;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.WebSockets;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A client and its backend after a switch of protocols: whatever one says goes to the other as it is, both ways at the same
/// time. While nothing comes, it holds no buffer. Closed in order as those of the other lane are: the client is told first.
/// </summary>
/// <param name="isWebSocket">Else the protocol is unknown, and is ended as a connection is.</param>
internal sealed class Tunnel(Exchange exchange, BackendStream backend, Stream client, bool isWebSocket) : IDisposable
{
    /// <summary>A backend that a client has left with nothing more to say has this long to end as well.</summary>
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    /// <summary>The same where we closed: a client that waits for the end of its connection is not to wait for a backend that hangs.</summary>
    private static readonly TimeSpan HalfClosedByUs = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ends = new();

    // Who writes to a side holds its turn: a close frame comes from another thread.
    private readonly SemaphoreSlim _clientTurn = new(1, 1);
    private readonly SemaphoreSlim _backendTurn = new(1, 1);
    private FrameBoundaries _fromClient;
    private FrameBoundaries _fromBackend;
    private Task _closing = Task.CompletedTask;
    private volatile bool _isClosing;
    private volatile bool _isTold;
    private volatile bool _isEnding;
    private volatile bool _clientHasEnded;

    public bool IsClosing => _isClosing;

    /// <summary>The backend broke it off, while no side had ended it and nobody closed it. After <see cref="RunAsync"/>.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Moves bytes until either side has ended, or somebody ends it.</summary>
    /// <param name="first">What the backend has said already.</param>
    public async Task RunAsync(ReadOnlyMemory<byte> first, TimeProvider time)
    {
        Task toClient = PumpToClientAsync(first);
        Task toBackend = PumpToBackendAsync();
        if (await Task.WhenAny(toClient, toBackend).ConfigureAwait(false) == toBackend && !_isEnding)
        {
            // The client has ended its side: what the backend still says is passed on.
            backend.EndSending();
            await Task.WhenAny(toClient, Task.Delay(_isClosing ? HalfClosedByUs : HalfClosed, time)).ConfigureAwait(false);
        }

        // The server cannot end one side of a client's connection: where the backend has ended its own, both end.
        End();
        await Task.WhenAll(toClient, toBackend).ConfigureAwait(false);
    }

    /// <summary>Begins to close it in order, once. Any thread; <see cref="ClosedAsync"/> waits for the end.</summary>
    /// <param name="grace">How long both sides have.</param>
    public void Close(TimeSpan grace, TimeProvider time)
    {
        _isClosing = true;
        _closing = Task.Run(() => CloseAsync(grace, time));
    }

    /// <summary>Nobody closes it any more. After <see cref="RunAsync"/>.</summary>
    public Task ClosedAsync() => _closing;

    /// <summary>Ends both connections. Any thread.</summary>
    public void End()
    {
        _isEnding = true;
        backend.Dispose();
        client.Dispose();
        _ends.Cancel();
    }

    public void Dispose()
    {
        _ends.Dispose();
        _clientTurn.Dispose();
        _backendTurn.Dispose();
    }

    private async Task CloseAsync(TimeSpan grace, TimeProvider time)
    {
        if (!isWebSocket)
        {
            End();
            return;
        }

        using var limit = new CancellationTokenSource(grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ends.Token);
        try
        {
            await _clientTurn.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                await TellClientAsync(either.Token).ConfigureAwait(false);
            }
            finally
            {
                _clientTurn.Release();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Both have ended, or the time is over.
        }

        if (!_ends.IsCancellationRequested)
        {
            await TellBackendAsync().ConfigureAwait(false);
            End();
        }
    }

    // Whoever has the client's turn. In the midst of a frame, whoever sends the rest of it tells.
    private async ValueTask TellClientAsync(CancellationToken cancellation)
    {
        if (_isTold || !_fromBackend.IsBetweenFrames)
        {
            return;
        }

        _isTold = true;
        if (!_fromBackend.HasClosed)
        {
            await client.WriteAsync(CloseFrames.ToClient.ToArray(), cancellation).ConfigureAwait(false);
            await client.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    // In the place of a client that says nothing.
    private async Task TellBackendAsync()
    {
        if (!await _backendTurn.WaitAsync(0).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            if (_fromClient is { IsBetweenFrames: true, HasClosed: false })
            {
                var frame = new byte[CloseFrames.MaskedBytes];
                CloseFrames.WriteToBackend(frame);
                await backend.WriteAsync(frame).ConfigureAwait(false);
            }
        }
        finally
        {
            _backendTurn.Release();
        }
    }

    private async Task PumpToBackendAsync()
    {
        while (true)
        {
            byte[]? buffer = null;
            try
            {
                // Waits without a buffer.
                await client.ReadAsync(Memory<byte>.Empty, _ends.Token).ConfigureAwait(false);
                buffer = ArrayPool<byte>.Shared.Rent(RequestSide.BufferBytes);
                int count = await client.ReadAsync(buffer, _ends.Token).ConfigureAwait(false);
                exchange.Moved();
                _clientHasEnded |= count == 0;
                if (count == 0 || !await SendToBackendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false))
                {
                    return;
                }

                exchange.Moved();
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
            {
                _isEnding = true;
                return;
            }
            finally
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    /// <summary>False where nothing more is to be sent.</summary>
    private async ValueTask<bool> SendToBackendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _backendTurn.WaitAsync(_ends.Token).ConfigureAwait(false);
        try
        {
            if (isWebSocket)
            {
                _fromClient.Read(bytes.Span);
            }

            exchange.TunnelBytesTaken += bytes.Length;
            return await backend.WriteAsync(bytes).ConfigureAwait(false) && !(_isClosing && _fromClient.HasClosed);
        }
        finally
        {
            _backendTurn.Release();
        }
    }

    private async Task PumpToClientAsync(ReadOnlyMemory<byte> first)
    {
        try
        {
            if (!first.IsEmpty)
            {
                await SendToClientAsync(first).ConfigureAwait(false);
            }

            while (MayGoOn(await backend.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false), least: 0))
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(RequestSide.BufferBytes);
                try
                {
                    int count = await backend.ReadAsync(buffer).ConfigureAwait(false);
                    if (!MayGoOn(count, least: 1))
                    {
                        return;
                    }

                    await SendToClientAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            _isEnding = true;
        }
    }

    // A side has ended it in order, as WebSockets do (RFC 6455, 5.5.1): how the connections end after that says nothing.
    private bool HasClosed => isWebSocket && (_fromClient.HasClosed || _fromBackend.HasClosed);

    private bool MayGoOn(int count, int least)
    {
        if (count == BackendStream.Broken && !_isEnding && !_isClosing && !_clientHasEnded && !HasClosed)
        {
            IsBroken = true;
        }

        return count >= least;
    }

    private async ValueTask SendToClientAsync(ReadOnlyMemory<byte> bytes)
    {
        await _clientTurn.WaitAsync(_ends.Token).ConfigureAwait(false);
        try
        {
            if (_isTold)
            {
                // Nothing may follow a close frame (RFC 6455, 5.5.1).
                return;
            }

            int taken = isWebSocket ? _fromBackend.Read(bytes.Span, stopsBetweenFrames: _isClosing) : bytes.Length;
            exchange.Moved();
            await client.WriteAsync(bytes[..taken], _ends.Token).ConfigureAwait(false);
            await client.FlushAsync(_ends.Token).ConfigureAwait(false);
            exchange.Moved();
            exchange.BytesSent += taken;
            if (_isClosing)
            {
                await TellClientAsync(_ends.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _clientTurn.Release();
        }
    }
}
