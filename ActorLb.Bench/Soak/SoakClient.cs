using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Bench.Soak;

/// <summary>
/// A client that visits again and again: politely, slowly, or leaving in any phase. Whatever it reads must be the
/// answer to its own request.
/// </summary>
internal sealed class SoakClient(IPEndPoint lane, int number, int seed, SoakCounts counts)
{
    private const int BigBytes = 300_000;

    /// <summary>Longer than any time limit of the lane that is soaked.</summary>
    private static readonly TimeSpan VisitMax = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static readonly string[] Paths =
        ["/plain", "/plain", "/plain", "/plain", "/chunked", "/hints", "/slow", "/close", "/none", "/half", "/nothing", "/nonsense"];

    private readonly Random _random = new(seed);
    private string? _ticket;
    private bool _isKnown;
    private int _requests;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(VisitMax);
            try
            {
                using TextConnection connection = await TextConnection.OpenAsync(lane, limit.Token);
                await VisitAsync(connection);
            }
            catch (OperationCanceledException)
            {
                counts.Fault($"client {number} waited {VisitMax.TotalSeconds:f0} s and more");
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // A backend or this client itself broke it off.
                counts.Ended("cut off");
            }
        }
    }

    private Task VisitAsync(TextConnection connection) => _random.Next(12) switch
    {
        0 => UploadAsync(connection),
        1 => PipelineAsync(connection),
        2 => TunnelAsync(connection),
        3 => ReadSlowlyAsync(connection),
        4 => LeaveInRequestAsync(connection),
        5 => LeaveInAnswerAsync(connection),
        6 => TalkNonsenseAsync(connection),
        7 => EndSideAsync(connection),
        8 => DribbleAsync(connection),
        _ => BrowseAsync(connection),
    };

    private async Task BrowseAsync(TextConnection connection)
    {
        for (int count = _random.Next(1, 20); count > 0; count--)
        {
            (string id, string head) = Request("GET", Paths[_random.Next(Paths.Length)], _random.Next(4000));
            await connection.SendAsync(head + "\r\n");
            if (!await ReadAnswerAsync(connection, id))
            {
                return;
            }
        }
    }

    private async Task UploadAsync(TextConnection connection)
    {
        string path = _random.Next(4) == 0 ? "/early" : "/plain";
        (string id, string head) = Request("POST", path, _random.Next(4000));
        string body = SoakBackend.BodyOf(id, _random.Next(3) > 0 ? _random.Next(5000) : _random.Next(BigBytes));
        await connection.SendAsync(_random.Next(2) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{head}Content-Length: {body.Length}\r\n\r\n{body}")
            : string.Create(CultureInfo.InvariantCulture, $"{head}Transfer-Encoding: chunked\r\n\r\n{body.Length:x};a=b\r\n{body}\r\n{(body.Length == 0 ? "" : "0\r\n\r\n")}"));
        await ReadAnswerAsync(connection, id);
    }

    private async Task PipelineAsync(TextConnection connection)
    {
        (string Id, string Head)[] requests = [.. Enumerable.Range(0, _random.Next(2, 8)).Select(_ => Request("GET", "/plain", _random.Next(2000)))];
        await connection.SendAsync(string.Concat(requests.Select(r => r.Head + "\r\n")));
        foreach ((string id, _) in requests)
        {
            if (!await ReadAnswerAsync(connection, id))
            {
                return;
            }
        }
    }

    private async Task TunnelAsync(TextConnection connection)
    {
        (string id, string head) = Request("GET", "/tunnel", 0);
        await connection.SendAsync(head + "Connection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        if (await connection.ReadHeadAsync() is not { } answer || !answer[0].Contains(" 101 ", StringComparison.Ordinal))
        {
            counts.Ended("no tunnel");
            return;
        }

        for (int count = _random.Next(1, 10); count > 0; count--)
        {
            string said = SoakBackend.BodyOf(id, _random.Next(1, 3000));
            await connection.SendAsync(said);
            string heard = "";
            while (heard.Length < said.Length && await connection.ReadSomeAsync(said.Length - heard.Length) is { Length: > 0 } some)
            {
                heard += some;
            }

            if (heard.Length < said.Length)
            {
                counts.Ended("tunnel cut off");
                return;
            }

            Check(heard == said, $"a tunnel of {id} said {heard}");
        }

        counts.Answered();
        if (_random.Next(2) == 0)
        {
            connection.Reset();
        }
    }

    private async Task ReadSlowlyAsync(TextConnection connection)
    {
        (_, string head) = Request("GET", _random.Next(2) == 0 ? "/plain" : "/chunked", BigBytes);
        await connection.SendAsync(head + "\r\n");
        for (int count = _random.Next(50); count > 0; count--)
        {
            await connection.ReadSomeAsync(500);
            await Task.Delay(Pause);
        }

        Leave(connection, "left while reading slowly");
    }

    private async Task LeaveInRequestAsync(TextConnection connection)
    {
        (_, string head) = Request("POST", "/plain", 100);
        string whole = head + "Content-Length: 20000\r\n\r\n" + new string('b', 20_000);
        await connection.SendAsync(whole[.._random.Next(1, whole.Length)]);
        Leave(connection, "left within a request");
    }

    private async Task LeaveInAnswerAsync(TextConnection connection)
    {
        (_, string head) = Request("GET", _random.Next(2) == 0 ? "/slow" : "/plain", _random.Next(BigBytes));
        await connection.SendAsync(head + "\r\n");
        if (_random.Next(2) == 0)
        {
            await connection.ReadSomeAsync(_random.Next(1, 1000));
        }

        Leave(connection, "left before the end of an answer");
    }

    private async Task TalkNonsenseAsync(TextConnection connection)
    {
        var nonsense = new byte[_random.Next(1, 3000)];
        _random.NextBytes(nonsense);
        await connection.SendAsync(nonsense);
        connection.EndSending();
        string answer = await connection.ReadSomeAsync(4096);
        Check(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), $"nonsense was answered: {answer}");
        counts.Ended("talked nonsense");
    }

    private async Task EndSideAsync(TextConnection connection)
    {
        (string id, string head) = Request("GET", "/plain", _random.Next(2000));
        await connection.SendAsync(head + "\r\n");
        connection.EndSending();
        await ReadAnswerAsync(connection, id);
    }

    private async Task DribbleAsync(TextConnection connection)
    {
        (string id, string head) = Request("GET", "/plain", _random.Next(2000));
        string whole = head + "\r\n";
        for (int at = 0; at < whole.Length;)
        {
            int length = Math.Min(whole.Length - at, _random.Next(1, 30));
            await connection.SendAsync(whole.Substring(at, length));
            at += length;
            await Task.Delay(Pause);
        }

        await ReadAnswerAsync(connection, id);
    }

    private void Leave(TextConnection connection, string way)
    {
        counts.Ended(way);
        if (_random.Next(2) == 0)
        {
            connection.Reset();
        }
    }

    private (string Id, string Head) Request(string method, string path, int answerBytes)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"c{number}-{++_requests}");
        _isKnown = _ticket is not null && _random.Next(8) > 0;
        string cookie = _isKnown ? $"Cookie: {_ticket}\r\n" : "";
        return (id, string.Create(CultureInfo.InvariantCulture, $"{method} {path}?{answerBytes} HTTP/1.1\r\nHost: soak\r\n{SoakBackend.IdField}: {id}\r\n{cookie}"));
    }

    /// <summary>False: nothing more comes on this connection.</summary>
    private async Task<bool> ReadAnswerAsync(TextConnection connection, string id)
    {
        string[]? head;
        do
        {
            head = await connection.ReadHeadAsync();
        }
        while (head is not null && head[0].StartsWith("HTTP/1.1 1", StringComparison.Ordinal));

        if (head is null)
        {
            counts.Ended("closed without an answer");
            return false;
        }

        Check(TextConnection.Value(head, SoakBackend.IdField) == id, $"{id} got the answer of {TextConnection.Value(head, SoakBackend.IdField)}: {head[0]}");
        bool closes = TextConnection.Value(head, "Connection") == "close";
        string body = await connection.ReadBodyAsync(head, closes);
        if (TextConnection.Value(head, "X-Echo") is { } echo)
        {
            Check(echo == id && body == SoakBackend.BodyOf(id, body.Length), $"{id} got the body of {echo}");
            KeepTicket(head);
            counts.Answered();
        }
        else
        {
            counts.Ended(TextConnection.Value(head, "X-ActorLb-Reason") ?? head[0]);
        }

        return !closes;
    }

    // One session for each client, wherever it moves: what it opens without its cookie it forgets, or they would add up.
    private void KeepTicket(string[] head)
    {
        if ((_isKnown || _ticket is null) && TextConnection.Value(head, "Set-Cookie") is { } set)
        {
            _ticket = set.Split(';')[0];
        }
    }

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            counts.Fault(otherwise);
        }
    }
}
