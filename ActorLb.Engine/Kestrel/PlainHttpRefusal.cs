using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Measurements;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Stands before the handshake of a TLS listener: who speaks HTTP without TLS there is told so in his own protocol. A
/// handshake begins with 22 (RFC 8446, 5.1), and a request line with the letter of a method.
/// </summary>
/// <param name="patience">For the first byte; zero: no limit.</param>
/// <param name="measured">Where those who are told are counted.</param>
internal sealed class PlainHttpRefusal(ConnectionDelegate next, Func<TimeSpan> patience, ExchangeMeasurements measured, TimeProvider time)
{
    /// <summary>For what the client is still sending: a reset would take the answer away from it.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(500);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult first;
        try
        {
            using CancellationTokenSource limit = Limit(patience());
            first = await input.ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return;
        }

        if (first.Buffer.IsEmpty)
        {
            return;
        }

        bool isHttp = char.IsAsciiLetter((char)first.Buffer.FirstSpan[0]);
        bool isHead = isHttp && new SequenceReader<byte>(first.Buffer).IsNext("HEAD "u8);
        input.AdvanceTo(first.Buffer.Start);
        if (!isHttp)
        {
            await next(connection);
            return;
        }

        measured.Refused(MeasuringSlot.Here, connection.Features.GetRequiredFeature<Admitted>().Listener.Connections.Requests, FailureReason.PlainHttp, isHead ? 0 : FailureAnswer.Of(FailureReason.PlainHttp).Body.Length);
        try
        {
            await connection.Transport.Output.WriteAsync(Answer(isHead));
            await connection.Transport.Output.CompleteAsync();
            await DrainAsync(input);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It did not wait for the answer.
        }
    }

    private async Task DrainAsync(PipeReader input)
    {
        using CancellationTokenSource limit = Limit(DrainTime);
        ReadResult read;
        do
        {
            read = await input.ReadAsync(limit.Token);
            input.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
    }

    private CancellationTokenSource Limit(TimeSpan span) => new(span > TimeSpan.Zero ? span : Timeout.InfiniteTimeSpan, time);

    private byte[] Answer(bool isHead)
    {
        FailureAnswer failure = FailureAnswer.Of(FailureReason.PlainHttp);
        string head = $"HTTP/1.1 {failure.Status} Bad Request\r\nDate: {time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)}\r\n"
            + $"Content-Type: text/plain\r\nContent-Length: {failure.Body.Length}\r\nConnection: close\r\n"
            + $"{FailureAnswer.Header}: {failure.Name}\r\n{RequestIds.Header}: {RequestIds.Next()}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. isHead ? [] : failure.Body];
    }
}
