using System.Text;
using ActorLb.Chaos.Chance;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>
/// A page with an event stream (EventSource): it stays open, and when it ends it is opened again with the id of the last event that came. A
/// server that still knows this id must go on behind it: no event twice, none left out.
/// </summary>
internal sealed class EventListener(HistoryRecorder recorder, IChaosTarget target, int number, SessionJar jar, int seed)
{
    private const int EveryMilliseconds = 500;

    /// <summary>As the server's retry field says.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly PlainClient _client = new(recorder, target, number, jar);
    private EventId? _last;

    public async Task RunAsync(CancellationToken leaves)
    {
        Random random = Seeds.Random(seed, number, (int)RequestUse.Events);
        while (true)
        {
            Presented presented = jar.Present();
            if (presented.Session is not null)
            {
                await ListenAsync(target.Nodes[random.Next(target.Nodes.Count)], presented, leaves);
            }

            await Task.Delay(Retry, leaves);
        }
    }

    // The opening is recorded when the first event has come, or it is clear that none will; the stream when it is over.
    private async Task ListenAsync(NodePlace node, Presented presented, CancellationToken leaves)
    {
        Attempt opening = _client.Begin(node, RequestUse.Events, "GET", presented);
        Tunnel? stream = null;
        PlainClient.Failure? failure = await PlainClient.ConnectAsync(
            node,
            receiveBytes: 0,
            async (connection, patience) =>
            {
                string last = _last is { } before ? $"Last-Event-ID: {before}\r\n" : "";
                await connection.SendAsync(_client.HeadOf(opening, $"/events?every={EveryMilliseconds}", presented, $"Accept: text/event-stream\r\n{last}"), patience.Token);
                PlainAnswer answer = await connection.ReadHeadAsync(patience.Token);
                opening = _client.ReadHead(opening, answer, presented) with { Ended = recorder.Now };
                if (opening is not { Succeeded: true })
                {
                    return;
                }

                await foreach ((EventId id, string data) in EventsAsync(connection, answer, patience))
                {
                    Attempt read = AnswerReader.ReadServer(opening, Encoding.UTF8.GetBytes(data));
                    bool isNext = _last is null || id.Made != _last.Made || id.Number == _last.Number + 1;
                    if (stream is null)
                    {
                        opening = read with { Ended = recorder.Now };
                        recorder.Add(opening);
                        stream = Begin(opening);
                    }

                    stream = stream with { Heard = recorder.Now, Echoes = stream.Echoes + 1 };
                    if (!isNext || read.Foreign || read.Backend != stream.Backend)
                    {
                        stream = stream with { End = TunnelEnd.Foreign, Wrong = $"{_last}, then {id} of {read.Backend}" };
                        _last = id;
                        return;
                    }

                    _last = id;
                }

                stream = stream is null ? null : stream with { End = TunnelEnd.Closed };
            },
            leaves);
        Record(opening, stream, failure);
    }

    private void Record(Attempt opening, Tunnel? stream, PlainClient.Failure? failure)
    {
        if (stream is null)
        {
            AttemptEnd end = failure?.End ?? (opening.Succeeded ? AttemptEnd.Broken : opening.End);
            recorder.Add(opening with { Ended = recorder.Now, End = end, Reason = failure?.Reason ?? opening.Reason ?? "it ended before the first event" });
            return;
        }

        recorder.Add(stream with
        {
            Ended = recorder.Now,
            End = failure?.End switch
            {
                null => stream.End,
                AttemptEnd.Abandoned => TunnelEnd.Left,
                AttemptEnd.TimedOut => TunnelEnd.Silent,
                _ => TunnelEnd.Broken,
            },
        });
    }

    private Tunnel Begin(Attempt opening) => new()
    {
        Kind = TunnelKind.EventStream,
        Browser = number,
        Node = opening.Node,
        Session = opening.SessionSent!,
        Backend = opening.Backend ?? "",
        Opened = opening.Sent,
        Heard = opening.Ended,
        Ended = opening.Ended,
        End = TunnelEnd.Left,
    };

    // An event that did not come whole is none.
    private static async IAsyncEnumerable<(EventId Id, string Data)> EventsAsync(PlainConnection connection, PlainAnswer answer, Patience patience)
    {
        var part = new byte[2048];
        var text = new StringBuilder();
        while (await connection.ReadBodyAsync(answer, part, patience.Token) is var read && read > 0)
        {
            patience.Renew();
            text.Append(Encoding.UTF8.GetString(part, 0, read));
            while (text.ToString() is var all && all.IndexOf("\n\n", StringComparison.Ordinal) is var end && end >= 0)
            {
                text.Remove(0, end + 2);
                Dictionary<string, string> fields = all[..end].Split('\n')
                    .Select(l => l.Split(": ", 2))
                    .Where(f => f.Length == 2)
                    .GroupBy(f => f[0])
                    .ToDictionary(f => f.Key, f => f.Last()[1]);
                if (fields.TryGetValue("id", out string? id) && fields.TryGetValue("data", out string? data))
                {
                    yield return (EventId.Parse(id), data);
                }
            }
        }
    }
}
