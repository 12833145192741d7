using System.Net.Sockets;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>Requests by hand over a connection of their own, each recorded with how it ended.</summary>
internal sealed class PlainClient(HistoryRecorder recorder, IChaosTarget target, int number, SessionJar jar)
{
    private readonly AnswerReader _reader = new(target);

    public double Now => recorder.Now;

    /// <summary>A request that is about to be sent.</summary>
    public Attempt Begin(NodePlace node, RequestUse use, string method, Presented presented)
    {
        double from = recorder.Now;
        return new Attempt
        {
            Number = recorder.NextAttempt(),
            Client = ClientKind.Browser,
            Browser = number,
            Tab = -(int)use,
            Pool = jar.Pool,
            Node = node.Name,
            Use = use,
            Method = method,
            Sent = from,
            Ended = from,
            End = AttemptEnd.Answered,
            SessionSent = presented.Session,
            Also = presented.Also,
        };
    }

    /// <summary>Its head, with the empty line behind it.</summary>
    /// <param name="fields">Further lines, each with its end.</param>
    public string HeadOf(Attempt attempt, string path, Presented presented, string fields = "", string version = "1.1") =>
        $"{attempt.Method} {path} HTTP/{version}\r\nHost: {Sites.Of(jar.Pool)}\r\nX-Request-Id: {attempt.Id}\r\n"
        + $"{(presented.Name is null ? "" : $"{presented.Name}: {presented.Value}\r\n")}{fields}\r\n";

    public Attempt ReadHead(Attempt attempt, PlainAnswer answer, Presented presented) =>
        _reader.ReadHead(attempt, answer.Status, answer.Fields, jar, presented);

    /// <summary>Sends a request and records how it ended.</summary>
    /// <param name="receiveBytes">Of the connection's buffer; 0: as the system has it.</param>
    /// <param name="exchange">The request with what came of it.</param>
    /// <exception cref="OperationCanceledException">The person left.</exception>
    public async Task<Attempt> RunAsync(
        NodePlace node, Attempt begun, int receiveBytes, Func<PlainConnection, Patience, Task<Attempt>> exchange, CancellationToken leaves)
    {
        Attempt ended = begun;
        Failure? failure = await ConnectAsync(node, receiveBytes, async (c, p) => ended = await exchange(c, p), leaves);
        ended = (failure is null ? ended : begun with { End = failure.End, Reason = failure.Reason }) with { Ended = recorder.Now };
        recorder.Add(ended);
        leaves.ThrowIfCancellationRequested();
        return ended;
    }

    /// <summary>Does what needs a connection of its own.</summary>
    /// <returns>Why it did not come to its end; null where it did.</returns>
    public static async Task<Failure?> ConnectAsync(NodePlace node, int receiveBytes, Func<PlainConnection, Patience, Task> exchange, CancellationToken leaves)
    {
        using var patience = new Patience(leaves);
        try
        {
            using PlainConnection connection = await PlainConnection.ConnectAsync(node, receiveBytes, patience.Token);
            await exchange(connection, patience);
            return null;
        }
        catch (NoConnectionException e)
        {
            return new Failure(AttemptEnd.Refused, e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or FormatException)
        {
            return new Failure(AttemptEnd.Broken, e.Message);
        }
        catch (OperationCanceledException)
        {
            return leaves.IsCancellationRequested ? new Failure(AttemptEnd.Abandoned, null) : new Failure(AttemptEnd.TimedOut, $"nothing for {Patience.Silence.TotalSeconds} s");
        }
    }

    public sealed record Failure(AttemptEnd End, string? Reason);
}
