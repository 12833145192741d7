using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Admin;

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

    /// <summary>An id tells a position for each node: more is none that could be sent back in a field.</summary>
    private const int IdBytesMax = 16 * 1024;

    private string? _lastId;
    private bool _wasConnected;
    private bool _isHeard;

    /// <summary>Documents come all the time: whoever says other things alone is gone as well.</summary>
    public bool IsSteady { get; init; }

    /// <param name="each">Which node said it, and what. Where it throws that another may answer, this node is left.</param>
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
                why = WhyAway(e, node);
            }

            node = await GoOnAsync(node, why, silent, cancellation);
        }
    }

    /// <summary>The first document of a stream that can be used.</summary>
    /// <param name="each">Who said it, and what; it may throw as in <see cref="RunAsync"/>.</param>
    /// <exception cref="AdminException">No node answers, or one refuses what is asked.</exception>
    public async Task FirstAsync(string path, Action<Uri, JsonElement> each, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool isTaken = false;
        try
        {
            await RunAsync(
                path,
                (from, document) =>
                {
                    if (!isTaken)
                    {
                        each(from, document);
                        isTaken = true;
                        ending.Cancel();
                    }
                },
                ending.Token);
        }
        catch (OperationCanceledException) when (isTaken)
        {
        }
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
        AdminException when exception.Message.StartsWith(node.Admin.ToString(), StringComparison.Ordinal) => exception.Message,
        AdminException => $"cannot follow {node.Admin}: {exception.Message}",
        OperationCanceledException => $"cannot follow {node.Admin}: it says nothing for {silenceMax.TotalSeconds} s",
        _ => $"cannot follow {node.Admin}: {node.WhyNot(exception)}",
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
        if (response.StatusCode == HttpStatusCode.BadRequest && _lastId is not null)
        {
            // Whoever told the id may have made it up: that is no fault of this one.
            _lastId = null;
            goesOn($"{node.Admin} cannot go on from what another node told last: what happened since may be missing, or come twice");
            await FollowAsync(node, path, each, cancellation);
            return;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            await AdminAnswer.RefusalAsync<AdminProblem>(node, response, null, either.Token);
        }

        try
        {
            await ReadAsync(node, new EventStreamReader(await response.Content.ReadAsStreamAsync(either.Token), AdminAnswer.LineBytesMax), each, silence, either.Token);
        }
        catch (InvalidDataException)
        {
            throw AdminAnswer.TooLong(node.Admin, AdminAnswer.LineBytesMax);
        }
    }

    private async Task ReadAsync(AdminConnection node, EventStreamReader lines, Action<Uri, JsonElement> each, CancellationTokenSource silence, CancellationToken cancellation)
    {
        byte[]? data = null;
        string? id = null;
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (!IsSteady)
            {
                Heard(silence);
            }

            if (line.Span.StartsWith("data: "u8))
            {
                data = line[6..].ToArray();
            }
            else if (line.Span.StartsWith("id: "u8))
            {
                id = Id(node, line.Span[4..]);
            }
            else if (line.Length == 0)
            {
                if (data is not null)
                {
                    each(node.Admin, Parse(node, data));
                    Heard(silence);
                }

                (_lastId, data) = (id ?? _lastId, null);
            }
        }
    }

    private void Heard(CancellationTokenSource silence)
    {
        _wasConnected = _isHeard = true;
        silence.CancelAfter(silenceMax);
    }

    // It goes back in a field, to whoever is asked next.
    private static string Id(AdminConnection node, ReadOnlySpan<byte> id) =>
        id.Length <= IdBytesMax && !id.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? Encoding.ASCII.GetString(id) : throw AdminAnswer.NoAdminApi(node.Admin, "it sent an id that is none");

    private static JsonElement Parse(AdminConnection node, byte[] data)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(data);
        }
        catch (JsonException)
        {
            throw AdminAnswer.NoAdminApi(node.Admin, "it sent what is no JSON");
        }
    }
}
