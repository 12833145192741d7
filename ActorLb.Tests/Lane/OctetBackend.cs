using System.Collections.Concurrent;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>
/// A backend that keeps every octet that each of its connections got, also what came behind a request. Answers each
/// connection's first request and ends it, so that one record is all that one request has become.
/// </summary>
internal sealed class OctetBackend : IAsyncDisposable
{
    private readonly RawBackend _backend;
    private readonly ConcurrentQueue<string> _records = new();
    private int _open;

    /// <param name="answer">Of each request, as Latin-1.</param>
    public OctetBackend(string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok") =>
        _backend = new RawBackend(connection => RecordAsync(connection, () => answer));

    /// <param name="answer">Of the next request, as Latin-1.</param>
    public OctetBackend(Func<string> answer) => _backend = new RawBackend(connection => RecordAsync(connection, answer));

    public Uri Address => _backend.Address;

    /// <summary>What came since the last call, once no connection is open any more: Latin-1, one text for each connection.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync()
    {
        await TestLane.UntilAsync(() => Volatile.Read(ref _open) == 0);
        var taken = new List<string>();
        while (_records.TryDequeue(out string? record))
        {
            taken.Add(record);
        }

        return taken;
    }

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private async Task RecordAsync(RawConnection connection, Func<string> answer)
    {
        Interlocked.Increment(ref _open);
        var record = new StringBuilder();
        try
        {
            var buffer = new byte[4096];
            while (!IsWhole(record.ToString()))
            {
                int count = await connection.Stream.ReadAsync(buffer, connection.Stopping);
                record.Append(Encoding.Latin1.GetString(buffer, 0, count));
                if (count == 0)
                {
                    return;
                }
            }

            await connection.WriteAsync(answer());
            connection.Client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            int more;
            while ((more = await connection.Stream.ReadAsync(buffer, connection.Stopping)) > 0)
            {
                record.Append(Encoding.Latin1.GetString(buffer, 0, more));
            }
        }
        finally
        {
            if (record.Length > 0)
            {
                _records.Enqueue(record.ToString());
            }

            Interlocked.Decrement(ref _open);
        }
    }

    private static bool IsWhole(string record)
    {
        int end = record.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end >= 0
            && (!record[..end].Contains("Transfer-Encoding: chunked", StringComparison.Ordinal)
                || record[(end + 2)..].Contains("\r\n0\r\n", StringComparison.Ordinal)
                && record.EndsWith("\r\n\r\n", StringComparison.Ordinal));
    }
}

/// <summary>A request as a backend's octets tell it, read by the letter of RFC 9112.</summary>
internal sealed partial record OctetRecord(string Method, string Target, IReadOnlyList<(string Name, string Value)> Fields, string Body)
{
    public IEnumerable<string> this[string name] =>
        Fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);

    /// <summary>Null where it is not exactly one well-formed request.</summary>
    public static OctetRecord? Of(string record)
    {
        int end = record.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string[] lines = end < 0 ? [] : record[..end].Split("\r\n");
        if (lines.Length == 0 || RequestLine().Match(lines[0]) is not { Success: true } line)
        {
            return null;
        }

        var fields = new List<(string, string)>();
        foreach (string text in lines[1..])
        {
            if (FieldLine().Match(text) is not { Success: true } field)
            {
                return null;
            }

            fields.Add((field.Groups[1].Value, field.Groups[2].Value.Trim(' ', '\t')));
        }

        var request = new OctetRecord(line.Groups[1].Value, line.Groups[2].Value, fields, record[(end + 4)..]);
        return request["Host"].Count() == 1 && (request.Body.Length == 0 || request["Transfer-Encoding"].Any()) ? request : null;
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\A([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~]+) HTTP/1\.1\z")]
    private static partial System.Text.RegularExpressions.Regex RequestLine();

    [System.Text.RegularExpressions.GeneratedRegex(@"\A([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)\z")]
    private static partial System.Text.RegularExpressions.Regex FieldLine();
}
