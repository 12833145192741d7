using System.Collections.Concurrent;
using System.Globalization;

namespace ActorLb.Tests.Lane;

/// <summary>A request as one of several backends got it.</summary>
/// <param name="Body">Without its framing, as Latin-1.</param>
/// <param name="Trailers">Their lines.</param>
internal sealed record TakenRequest(Uri Backend, string Head, string Body, string Trailers)
{
    public string Method => Head[..Head.IndexOf(' ', StringComparison.Ordinal)];
}

/// <summary>Backends that read requests to their end, keep them, and do by their common order what a test says.</summary>
internal sealed class RecordingBackends : IAsyncDisposable
{
    public const string Sick = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nsick";
    public const string Well = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell";

    private readonly Func<RawConnection, int, Task<bool>>? _begin;
    private readonly Func<RawConnection, int, Task> _answer;
    private readonly RawBackend[] _backends;
    private int _asked;

    /// <param name="answer">Of the so many-th request, 1 for the first, once it was read.</param>
    /// <param name="begin">Called once its head was read; false: its body is not read here.</param>
    public RecordingBackends(int count, Func<RawConnection, int, Task> answer, Func<RawConnection, int, Task<bool>>? begin = null)
    {
        _begin = begin;
        _answer = answer;
        _backends = [.. Enumerable.Range(0, count).Select(_ => new RawBackend(ServeAsync))];
    }

    public ConcurrentQueue<TakenRequest> Seen { get; } = new();

    public Uri[] Addresses => [.. _backends.Select(b => b.Address)];

    /// <summary>So many requests are answered with 503, whoever gets them; all others well.</summary>
    public static RecordingBackends SickFor(int requests, int count = 2) =>
        new(count, (connection, number) => connection.WriteAsync(number <= requests ? Sick : Well));

    public async ValueTask DisposeAsync()
    {
        foreach (RawBackend backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }

    private async Task ServeAsync(RawConnection connection)
    {
        while (await connection.ReadHeadAsync() is { } head)
        {
            int number = Interlocked.Increment(ref _asked);
            if (_begin is not null && !await _begin(connection, number))
            {
                continue;
            }

            (string body, string trailers) = head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)
                ? await connection.Stream.ReadChunksAsync()
                : (await connection.Stream.ReadTextAsync(LengthIn(head)), "");
            Seen.Enqueue(new TakenRequest(connection.Backend.Address, head, body, trailers));
            await _answer(connection, number);
        }
    }

    private static int LengthIn(string head) =>
        head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } line
            ? int.Parse(line[15..], CultureInfo.InvariantCulture)
            : 0;
}
