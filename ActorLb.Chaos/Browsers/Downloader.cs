using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;
using ActorLb.Node.SampleBackend;

namespace ActorLb.Chaos.Browsers;

/// <summary>Somebody who takes large answers slowly, with little room for what is on its way, and looks at every byte.</summary>
internal sealed class Downloader(HistoryRecorder recorder, IChaosTarget target, int number, SessionJar jar, int seed)
{
    private const int Bytes = 1_500_000;
    private const int ReceiveBytes = 16 * 1024;
    private const int PieceBytes = 32 * 1024;
    private const byte LineEnd = (byte)'\n';

    /// <summary>A whole answer takes two seconds and a half: within what a draining server and a stopping node wait for.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly PlainClient _client = new(recorder, target, number, jar);

    public async Task RunAsync(CancellationToken leaves)
    {
        Random random = Seeds.Random(seed, number, (int)RequestUse.Download);
        while (true)
        {
            await Task.Delay(Rest, leaves);
            NodePlace node = target.Nodes[random.Next(target.Nodes.Count)];
            Presented presented = jar.Present();
            if (presented.Session is not null)
            {
                Attempt begun = _client.Begin(node, RequestUse.Download, "GET", presented);
                await _client.RunAsync(node, begun, ReceiveBytes, (c, p) => TakeAsync(c, p, begun, presented), leaves);
            }
        }
    }

    private async Task<Attempt> TakeAsync(PlainConnection connection, Patience patience, Attempt attempt, Presented presented)
    {
        await connection.SendAsync(_client.HeadOf(attempt, $"/download?bytes={Bytes}", presented), patience.Token);
        PlainAnswer answer = await connection.ReadHeadAsync(patience.Token);
        attempt = _client.ReadHead(attempt, answer, presented);
        if (attempt.End != AttemptEnd.Answered || attempt.Status != 200)
        {
            return attempt;
        }

        var piece = new byte[PieceBytes];
        using var line = new MemoryStream();
        int taken = 0;
        bool isIntact = true;
        while (await connection.ReadBodyAsync(answer, piece, patience.Token) is var read && read > 0)
        {
            patience.Renew();
            ReadOnlySpan<byte> rest = piece.AsSpan(0, read);
            if (attempt.Backend is null)
            {
                int end = rest.IndexOf(LineEnd);
                line.Write(end < 0 ? rest : rest[..end]);
                rest = end < 0 ? [] : rest[(end + 1)..];
                attempt = end < 0 ? attempt : AnswerReader.ReadServer(attempt, line.ToArray());
            }

            isIntact &= SampleBytes.AreAt(taken, rest);
            taken += rest.Length;
            await Task.Delay(Pace, patience.Token);
        }

        return isIntact && taken == Bytes ? attempt : attempt with { Foreign = true, Reason = $"{taken} bytes, {(isIntact ? "too few or too many" : "and not those of the server")}" };
    }
}
