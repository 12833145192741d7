using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// Somebody who sends large bodies, piece by piece. Every second one the server refuses before it has come whole; then the client stops, or
/// sends the rest all the same and looks at the answer afterwards.
/// </summary>
internal sealed class Uploader(HistoryRecorder recorder, IChaosTarget target, int number, SessionJar jar, int seed)
{
    private const int PieceBytes = 8 * 1024;
    private const int Pieces = 24;

    /// <summary>What the server takes of a body that it refuses.</summary>
    private const int TakenBytes = 20_000;

    /// <summary>A whole body takes a second and a half: well within what a draining server and a stopping node wait for.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(60);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private readonly PlainClient _client = new(recorder, target, number, jar);

    public async Task RunAsync(CancellationToken leaves)
    {
        Random random = Seeds.Random(seed, number, (int)RequestUse.Upload);
        var body = new byte[Pieces * PieceBytes];
        random.NextBytes(body);
        string sum = Convert.ToHexStringLower(SHA256.HashData(body));
        while (true)
        {
            await Task.Delay(Rest, leaves);
            NodePlace node = target.Nodes[random.Next(target.Nodes.Count)];
            RequestUse use = random.Next(2) == 0 ? RequestUse.Upload : RequestUse.RefusedUpload;
            var way = new Way(use == RequestUse.Upload ? body.Length : TakenBytes, IsChunked: random.Next(2) == 0, StopsWhenAnswered: random.Next(2) == 0);
            Presented presented = jar.Present();
            if (presented.Session is not null)
            {
                Attempt begun = _client.Begin(node, use, "POST", presented);
                await _client.RunAsync(node, begun, receiveBytes: 0, (c, p) => SendAsync(c, p, begun, presented, body, sum, way), leaves);
            }
        }
    }

    private async Task<Attempt> SendAsync(PlainConnection connection, Patience patience, Attempt attempt, Presented presented, byte[] body, string sum, Way way)
    {
        string length = way.IsChunked ? "Transfer-Encoding: chunked\r\n" : $"Content-Length: {body.Length}\r\n";
        await connection.SendAsync(_client.HeadOf(attempt, $"/upload?max={way.BytesMax}", presented, length), patience.Token);
        Task<PlainAnswer> answering = connection.ReadHeadAsync(patience.Token);
        await SendBodyAsync(connection, patience, body, way, answering);
        PlainAnswer answer = await answering;
        attempt = _client.ReadHead(attempt, answer, presented);
        byte[] said = await connection.ReadWholeBodyAsync(answer, patience.Token);
        if (attempt.End != AttemptEnd.Answered || attempt.Reason is not null || !attempt.Use.IsWell(attempt.Status))
        {
            return attempt;
        }

        attempt = AnswerReader.ReadServer(attempt, said);
        return attempt is { Use: RequestUse.Upload, End: AttemptEnd.Answered } && SumOf(said) != sum
            ? attempt with { Foreign = true, Reason = "the server got another body" }
            : attempt;
    }

    // An answer may come before its end, and the connection may be closed behind it: what counts is the answer.
    private static async Task SendBodyAsync(PlainConnection connection, Patience patience, byte[] body, Way way, Task<PlainAnswer> answering)
    {
        try
        {
            for (int at = 0; at < body.Length; at += PieceBytes)
            {
                if (answering.IsCompleted && (way.StopsWhenAnswered || answering.IsFaulted))
                {
                    return;
                }

                if (way.IsChunked)
                {
                    await connection.SendAsync($"{PieceBytes:x}\r\n", patience.Token);
                }

                await connection.SendAsync(body.AsMemory(at, PieceBytes), patience.Token);
                if (way.IsChunked)
                {
                    await connection.SendAsync("\r\n", patience.Token);
                }

                patience.Renew();
                await Task.Delay(Pace, patience.Token);
            }

            if (way.IsChunked)
            {
                await connection.SendAsync("0\r\n\r\n", patience.Token);
            }
        }
        catch (SocketException)
        {
            // The answer says why, where there is one.
        }
    }

    private static string? SumOf(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("sha256").GetString();
    }

    /// <param name="BytesMax">What the server takes.</param>
    private sealed record Way(int BytesMax, bool IsChunked, bool StopsWhenAnswered);
}
