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
internal sealed class StreamFollower(AdminNodes nodes, TimeProvider time, TimeSpan silenceMax, Action<string> goesOn)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Addresses that are named as tried: a line has no room for more.</summary>
    private const int TriedToldMax = 4;

    private string? _lastId;
    private bool _wasConnected;
    private bool _isHeard;

    /// <param name="each">Which node said it, and what.</param>
    /// <exception cref="AdminException">No node answers, or one refuses what is asked.</exception>
    public async Task RunAsync(string path, Action<Uri, JsonElement> each, CancellationToken cancellation)
    {
        AdminConnection node = nodes.All[0];
        var silent = new List<(Uri Admin, string Why)>();
        while (true)
        {
            string why;
            try
            {
                long begunAt = time.GetTimestamp();
                await FollowAsync(node, path, each, cancellation);
                if (time.GetElapsedTime(begunAt) >= RetryPause)
                {
                    // It ended as streams do, and goes on there.
                    silent.Clear();
                    continue;
                }

                why = $"{node.Admin} ends its streams";
            }
            catch (Exception e) when (IsAway(e, cancellation))
            {
                why = $"cannot follow {node.Admin}: {WhyAway(e, node)}";
            }

            node = await GoOnAsync(node, why, silent, cancellation);
        }
    }

    /// <summary>Who said the first document of a stream, and what.</summary>
    /// <exception cref="AdminException">No node answers, or one refuses what is asked.</exception>
    public async Task<(Uri From, JsonElement Document)> FirstAsync(string path, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        (Uri, JsonElement)? first = null;
        try
        {
            await RunAsync(
                path,
                (from, document) =>
                {
                    first ??= (from, document);
                    ending.Cancel();
                },
                ending.Token);
        }
        catch (OperationCanceledException) when (first is not null)
        {
        }

        return first ?? throw new OperationCanceledException(cancellation);
    }

    // Before anything was heard, each is tried once and at once.
    private async Task<AdminConnection> GoOnAsync(AdminConnection left, string why, List<(Uri Admin, string Why)> silent, CancellationToken cancellation)
    {
        if (_isHeard)
        {
            _isHeard = false;
            silent.Clear();
        }

        Uri[] tried = [.. silent.Select(s => s.Admin).Where(a => a != left.Admin)];
        silent.RemoveAll(s => s.Admin == left.Admin);
        silent.Add((left.Admin, why));
        AdminConnection next = nodes.After(left);
        if (_wasConnected)
        {
            goesOn($"{why}{Nor(tried)}; {Next(left, next)}");
            await Task.Delay(RetryPause, time, cancellation);
        }
        else if (silent.Count >= nodes.All.Count)
        {
            throw new AdminException(string.Join("; ", silent.Select(s => s.Why)));
        }

        return next;
    }

    private static string Nor(Uri[] tried) => tried.Length == 0 ? ""
        : $"; nor {string.Join(", ", tried.TakeLast(TriedToldMax).Select(a => a.ToString()))}{(tried.Length > TriedToldMax ? $" and {tried.Length - TriedToldMax} more" : "")}";

    private string Next(AdminConnection left, AdminConnection next) => !ReferenceEquals(left, next) ? $"going on at {next.Admin}"
        : $"nobody else can be asked{(nodes.Unasked.Length > 0 ? $" ({nodes.Unasked})" : "")}; trying on";

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
            _wasConnected = _isHeard = true;
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
