using System.Text.Json;

namespace ActorLb.Tests.Events;

/// <summary>Reads a stream of server-sent events as a client does.</summary>
internal sealed class EventStreamReader(Stream stream) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StreamReader _reader = new(stream);

    /// <summary>The last id that was sent.</summary>
    public string? LastId { get; private set; }

    public static async Task<EventStreamReader> OpenAsync(HttpClient client, string path, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        response.EnsureSuccessStatusCode();
        return new EventStreamReader(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event's kind and document; null at the end.</summary>
    public async Task<(string Kind, JsonElement Event)?> NextAsync()
    {
        string? kind = null;
        string? data = null;
        while (await _reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return (kind!, JsonDocument.Parse(data).RootElement);
                }

                kind = null;
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line[4..];
            }
        }

        return null;
    }

    /// <summary>Reads on until there is one that fits.</summary>
    public async Task<JsonElement> UntilAsync(Func<string, JsonElement, bool> fits)
    {
        while (await NextAsync() is var (kind, one))
        {
            if (fits(kind, one))
            {
                return one;
            }
        }

        throw new EndOfStreamException("the stream has ended without it");
    }

    /// <summary>Reads the line that each stream begins with: from then on it follows.</summary>
    public async Task BegunAsync()
    {
        while (LastId is null && await _reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            LastId = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : null;
        }
    }

    public void Dispose() => _reader.Dispose();
}
