using System.Buffers;
using System.IO.Pipelines;
using ActorLb.Engine.Http2;
using Microsoft.AspNetCore.Connections;

namespace ActorLb.Engine.Kestrel;

/// <summary>Tells from the first bytes of a connection without TLS what it speaks: HTTP/2 has a preface that no request of HTTP/1.1 begins with.</summary>
/// <param name="patience">For those bytes; zero: no limit.</param>
internal sealed class CleartextHttp2(ConnectionDelegate http2, ConnectionDelegate http1, Func<TimeSpan> patience, TimeProvider time)
{
    private enum Spoken
    {
        Unknown,
        Http1,
        Http2,
    }

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        switch (connection.Features.Get<HandedOver>() is null ? await ListenAsync(connection) : Spoken.Http1)
        {
            case Spoken.Http1:
                await http1(connection);
                break;
            case Spoken.Http2:
                await http2(connection);
                break;
        }
    }

    /// <summary>Takes nothing. Unknown where it ended, or said too little for too long.</summary>
    private async Task<Spoken> ListenAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var waiting = new FirstBytesPatience(connection, patience(), time);
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(waiting.Token);
                Spoken spoken = Of(read.Buffer);
                input.AdvanceTo(read.Buffer.Start, spoken == Spoken.Unknown ? read.Buffer.End : read.Buffer.Start);
                if (spoken != Spoken.Unknown || read.IsCompleted)
                {
                    return spoken == Spoken.Unknown && !read.Buffer.IsEmpty ? Spoken.Http1 : spoken;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return Spoken.Unknown;
        }
    }

    private static Spoken Of(in ReadOnlySequence<byte> received)
    {
        ReadOnlySpan<byte> preface = FrameWriter.Preface;
        Span<byte> begun = stackalloc byte[preface.Length];
        int length = (int)Math.Min(received.Length, preface.Length);
        received.Slice(0, length).CopyTo(begun);
        return !preface.StartsWith(begun[..length]) ? Spoken.Http1
            : length == preface.Length ? Spoken.Http2
            : Spoken.Unknown;
    }
}
