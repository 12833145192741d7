using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ActorLb.Node.Cli;

/// <summary>
/// Follows a stream of documents (server-sent events) at one of a cluster's nodes, and goes on at the next one where that goes away: from the last id,
/// where the stream has them.
/// </summary>
/// <param name="silenceMax">Who says nothing for so long is gone.</param>
/// <param name="goesOn">Is told why it leaves a node, and for which.</param>
internal sealed class StreamFollower(IReadOnlyList<AdminConnection> nodes, TimeProvider time, TimeSpan silenceMax, Action<string> goesOn)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private string? _lastId;
    private bool _wasConnected;

    /// <param name="each">Which node said it, and what.</param>
    /// <exception cref="AdminException">No node answers, or one refuses what is asked.</exception>
    public async Task RunAsync(string path, Action<Uri, JsonElement> each, CancellationToken cancellation)
    {
        var silent = new List<string>();
        for (int i = 0; ; i = (i + 1) % nodes.Count)
        {
            try
            {
                long begunAt = time.GetTimestamp();
                await FollowAsync(nodes[i], path, each, cancellation);
                silent.Clear();
                if (time.GetElapsedTime(begunAt) >= RetryPause)
                {
                    // It ended as streams do, and goes on there.
                    i += nodes.Count - 1;
                    continue;
                }

                await GoOnAsync($"{nodes[i].Admin} ends its streams", i, cancellation);
            }
            catch (Exception e) when (IsAway(e, cancellation))
            {
                silent.Add($"cannot follow {nodes[i].Admin}: {WhyAway(e, nodes[i])}");
                if (!_wasConnected && silent.Count == nodes.Count)
                {
                    throw new AdminException(string.Join("; ", silent));
                }

                if (_wasConnected)
                {
                    await GoOnAsync(silent[^1], i, cancellation);
                    silent.Clear();
                }
            }
        }
    }

    private Task GoOnAsync(string why, int left, CancellationToken cancellation)
    {
        goesOn($"{why}; going on at {nodes[(left + 1) % nodes.Count].Admin}");
        return Task.Delay(RetryPause, time, cancellation);
    }

    private string WhyAway(Exception exception, AdminConnection node) => exception switch
    {
        AdminException => exception.Message,
        OperationCanceledException => $"it says nothing for {silenceMax.TotalSeconds} s",
        _ => node.WhyNot(exception),
    };

    private static bool IsAway(Exception exception, CancellationToken cancellation) => exception switch
    {
        AdminException admin => admin.AnotherMayAnswer,
        HttpRequestException or IOException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    private async Task FollowAsync(AdminConnection node, string path, Action<Uri, JsonElement> each, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(silenceMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (_lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastId);
        }

        using HttpResponseMessage response = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw await AdminClient.RefusalAsync(node.Admin, node.Http, response, either.Token);
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
        string? data = null;
        string? id = null;
        while (await reader.ReadLineAsync(either.Token) is { } line)
        {
            _wasConnected = true;
            silence.CancelAfter(silenceMax);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.Length == 0)
            {
                if (data is not null)
                {
                    each(node.Admin, Parse(node, data));
                }

                (_lastId, data) = (id ?? _lastId, null);
            }
        }
    }

    private static JsonElement Parse(AdminConnection node, string data)
    {
        try
        {
            return JsonDocument.Parse(data).RootElement;
        }
        catch (JsonException)
        {
            throw AdminClient.NoAdminApi(node.Admin);
        }
    }
}
