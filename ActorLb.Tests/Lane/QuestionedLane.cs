using System.Collections.Concurrent;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Lane;

/// <summary>A lane with a backend that says what a question wants, and what both ends of it have seen.</summary>
internal sealed class QuestionedLane : IAsyncDisposable
{
    /// <summary>Sent behind a question: is it refused by itself, the connection was kept.</summary>
    private const string Next = "NEXT\r\n\r\n";

    /// <summary>Sent through a tunnel once its backend has ended.</summary>
    private const string Late = "late";

    /// <summary>More than a lane takes for anything that is asked here.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RawBackend _backend;
    private readonly ConcurrentQueue<string> _seen = new();
    private TestLane _lane = null!;
    private volatile Question _question = null!;
    private int _busy;

    private QuestionedLane() => _backend = new RawBackend(ServeAsync);

    public static async Task<QuestionedLane> StartAsync(ListenerEngine engine, LaneOptions options)
    {
        var lane = new QuestionedLane();
        lane._lane = await TestLane.StartAsync(engine, options, lane._backend.Address);
        return lane;
    }

    /// <summary>
    /// What came of a question, line by line: at the client, then at the backend. A request that the backend did not get
    /// to its end is none: how much of it came depends on when the lane found that it will not be whole.
    /// </summary>
    public async Task<IReadOnlyList<string>> AskAsync(Question question)
    {
        _question = question;
        string octets;
        string end;
        using (RawClient client = await RawClient.ConnectAsync(_lane.Endpoint))
        {
            await client.SendAsync(question.ClientEnds ? question.Request : question.Request + Next);
            if (question.ClientEnds)
            {
                client.Finish();
            }

            (octets, end) = await ReadAsync(client.Stream);
            if (question.After == AfterAnswer.Tunnels)
            {
                await SendLateAsync(client);
            }
        }

        await TestLane.UntilAsync(() => Volatile.Read(ref _busy) == 0);
        var lines = new List<string>();
        foreach (string line in AnswerReading.Lines(octets, question.Method, end))
        {
            lines.Add("client: " + Masked(line, question));
        }

        while (_seen.TryDequeue(out string? line))
        {
            lines.Add("backend: " + Masked(line, question));
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await _lane.DisposeAsync();
        await _backend.DisposeAsync();
    }

    private static async Task<(string Octets, string End)> ReadAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var all = new MemoryStream();
        string end = "end";
        try
        {
            await stream.CopyToAsync(all, limit.Token);
        }
        catch (IOException)
        {
            end = "reset";
        }
        catch (OperationCanceledException)
        {
            end = AnswerReading.NoEnd;
        }

        return (Encoding.Latin1.GetString(all.ToArray()), end);
    }

    private static async Task SendLateAsync(RawClient client)
    {
        try
        {
            await client.SendAsync(Late);
            client.Finish();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // The tunnel has ended on both sides.
        }
    }

    /// <summary>Without what differs from one request to the next.</summary>
    private string Masked(string line, Question question)
    {
        string name = line.Split(':')[0];
        return name switch
        {
            "Date" when question.Answer?.Contains("\r\nDate:", StringComparison.Ordinal) is not true => "Date: *",
            "X-Request-Id" when !line.EndsWith(": mine", StringComparison.Ordinal) && !question.Request.Contains(line.Split(':')[1].Trim(), StringComparison.Ordinal) => "X-Request-Id: *",
            "Set-Cookie" when line.IndexOf("ALB=", StringComparison.Ordinal) is > 0 and int at && line.IndexOf(';', StringComparison.Ordinal) is var end && end > at =>
                line[..at] + "ALB=*" + line[end..],
            "Host" or "X-Forwarded-Port" => line
                .Replace(_backend.Address.Authority, "*backend*", StringComparison.Ordinal)
                .Replace($" {_lane.Endpoint.Port}", " *port*", StringComparison.Ordinal),
            _ => line,
        };
    }

    private async Task ServeAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            (string body, string trailers) = head.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal)
                ? await connection.Stream.ReadChunksAsync()
                : (await connection.Stream.ReadTextAsync(LengthIn(head)), "");
            Question question = _question;
            Interlocked.Increment(ref _busy);
            try
            {
                Record(head, body, trailers);
                if (!await AnswerAsync(connection, question, head))
                {
                    return;
                }
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }

            if (question.After == AfterAnswer.Ends)
            {
                await connection.UntilClosedAsync();
                return;
            }
        }
    }

    /// <returns>False: its connection is at its end.</returns>
    private async Task<bool> AnswerAsync(RawConnection connection, Question question, string head)
    {
        await connection.WriteAsync(question.Answer ?? (question.Method == "HEAD" && head.StartsWith("HEAD ", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"));
        switch (question.After)
        {
            case AfterAnswer.Ends:
                connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                return true;
            case AfterAnswer.Resets:
                connection.Reset();
                return false;
            case AfterAnswer.Tunnels:
                string taken = await connection.Stream.ReadTextAsync(Next.Length);
                await connection.WriteAsync("bye");
                connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                _seen.Enqueue($"[{taken + await ReadRestAsync(connection)}]");
                return false;
            default:
                return true;
        }
    }

    private static async Task<string> ReadRestAsync(RawConnection connection)
    {
        var rest = new StringBuilder();
        var buffer = new byte[64];
        try
        {
            while (await connection.Stream.ReadAsync(buffer, connection.Stopping) is var count and > 0)
            {
                rest.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // A reset ends it as well.
        }

        return rest.ToString();
    }

    private void Record(string head, string body, string trailers)
    {
        foreach (string line in head[..^4].Split("\r\n"))
        {
            _seen.Enqueue(line);
        }

        _seen.Enqueue($"[{body}]");
        foreach (string line in trailers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            _seen.Enqueue($"trailer {line}");
        }
    }

    private static int LengthIn(string head) =>
        head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } line
            ? int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
