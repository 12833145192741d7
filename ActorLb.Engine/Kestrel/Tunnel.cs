using System.Buffers;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A client and its backend after a switch of protocols: whatever one says goes to the other as it is, both ways at the same
/// time. While nothing comes, it holds no buffer.
/// </summary>
internal sealed class Tunnel(Exchange exchange, BackendStream backend, Stream client) : IDisposable
{
    /// <summary>A backend that a client has left with nothing more to say has this long to end as well.</summary>
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _ends = new();
    private volatile bool _isEnding;

    /// <summary>Whose it is, and where it leads.</summary>
    public Assignment Assignment { get; } = exchange.Assignment;

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
            await Task.WhenAny(toClient, Task.Delay(HalfClosed, time)).ConfigureAwait(false);
        }

        // The server cannot end one side of a client's connection: where the backend has ended its own, both end.
        End();
        await Task.WhenAll(toClient, toBackend).ConfigureAwait(false);
    }

    /// <summary>Ends both connections. Any thread.</summary>
    public void End()
    {
        _isEnding = true;
        backend.Dispose();
        client.Dispose();
        _ends.Cancel();
    }

    public void Dispose() => _ends.Dispose();

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
                if (count == 0 || !await backend.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false))
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

    private async Task PumpToClientAsync(ReadOnlyMemory<byte> first)
    {
        try
        {
            if (!first.IsEmpty)
            {
                await SendAsync(first).ConfigureAwait(false);
            }

            while (await backend.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false) == 0)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(RequestSide.BufferBytes);
                try
                {
                    int count = await backend.ReadAsync(buffer).ConfigureAwait(false);
                    if (count <= 0)
                    {
                        return;
                    }

                    await SendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
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

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        exchange.Moved();
        await client.WriteAsync(bytes, _ends.Token).ConfigureAwait(false);
        await client.FlushAsync(_ends.Token).ConfigureAwait(false);
        exchange.Moved();
        exchange.BytesSent += bytes.Length;
    }
}
