using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>Programs that speak HTTP/1.0, and such that send several requests before the first answer has come.</summary>
internal sealed class OldClient(HistoryRecorder recorder, IChaosTarget target, int number, SessionJar jar, int seed)
{
    private const int Together = 3;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1.5);

    private readonly PlainClient _client = new(recorder, target, number, jar);

    public async Task RunAsync(CancellationToken leaves)
    {
        Random random = Seeds.Random(seed, number, (int)RequestUse.Http10);
        while (true)
        {
            await Task.Delay(Rest, leaves);
            NodePlace node = target.Nodes[random.Next(target.Nodes.Count)];
            Presented presented = jar.Present();
            if (presented.Session is null)
            {
                continue;
            }

            if (random.Next(2) == 0)
            {
                Attempt begun = _client.Begin(node, RequestUse.Http10, "GET", presented);
                await _client.RunAsync(node, begun, receiveBytes: 0, (c, p) => AskAsync(c, p, begun, presented), leaves);
            }
            else
            {
                await AskTogetherAsync(node, presented, leaves);
            }
        }
    }

    private async Task<Attempt> AskAsync(PlainConnection connection, Patience patience, Attempt attempt, Presented presented)
    {
        await connection.SendAsync(_client.HeadOf(attempt, "/whoami", presented, version: "1.0"), patience.Token);
        return (await ReadAsync(connection, patience, attempt, presented)).Attempt;
    }

    // The answer that says that it is the last one was not followed by others: nobody has looked at those requests.
    private async Task AskTogetherAsync(NodePlace node, Presented presented, CancellationToken leaves)
    {
        Attempt[] all = [.. Enumerable.Range(0, Together).Select(_ => _client.Begin(node, RequestUse.Pipelined, "GET", presented))];
        int next = 0;
        bool isOver = false;
        PlainClient.Failure? failure = await PlainClient.ConnectAsync(
            node,
            receiveBytes: 0,
            async (connection, patience) =>
            {
                await connection.SendAsync(string.Concat(all.Select(a => _client.HeadOf(a, "/whoami", presented))), patience.Token);
                while (next < all.Length && !isOver)
                {
                    (Attempt attempt, isOver) = await ReadAsync(connection, patience, all[next], presented);
                    recorder.Add(attempt with { Ended = recorder.Now });
                    next++;
                }
            },
            leaves);
        foreach (Attempt attempt in failure is null ? [] : all[next..])
        {
            recorder.Add(attempt with { Ended = recorder.Now, End = failure!.End, Reason = failure.Reason });
        }
    }

    private async Task<(Attempt Attempt, bool IsLast)> ReadAsync(PlainConnection connection, Patience patience, Attempt attempt, Presented presented)
    {
        PlainAnswer answer = await connection.ReadHeadAsync(patience.Token);
        attempt = _client.ReadHead(attempt, answer, presented);
        byte[] body = await connection.ReadWholeBodyAsync(answer, patience.Token);
        patience.Renew();
        return (attempt is { End: AttemptEnd.Answered, Status: 200 } ? AnswerReader.ReadServer(attempt, body) : attempt, answer.IsLast || attempt.End == AttemptEnd.Refused);
    }
}
