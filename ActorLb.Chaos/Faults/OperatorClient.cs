using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Faults;

/// <summary>Asks the admin API of a node for what operators ask it for.</summary>
internal sealed class OperatorClient : IDisposable
{
    /// <summary>As a change is called whose answer never came whole: who was asked died, or does not know.</summary>
    public const string Unknown = "unknown";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(20) };

    public OperatorClient(string token) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    /// <summary>Of one backend, or of all of them. 202 is good, too: some node did not say in time that it goes by it, and will.</summary>
    /// <param name="path">After /api/v1/.</param>
    public async Task<Change> DecideAsync(NodePlace node, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, At(node, path)) { Content = body is null ? null : JsonContent.Create(body) };
        (int status, string text) = await SendAsync(request);
        bool isDone = status is >= 200 and < 300;
        return new Change { Outcome = status == 0 ? Unknown : $"{status}", IsDone = isDone, Mistakes = isDone ? [] : [text] };
    }

    /// <summary>Gives the cluster a topology, or the files their say again.</summary>
    /// <param name="text">HOCON; null: the files have their say again.</param>
    public async Task<Change> ApplyAsync(NodePlace node, string? text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, At(node, text is null ? "topology?release" : "topology"))
        {
            Content = text is null ? null : new StringContent(text),
        };
        (int status, string answer) = await SendAsync(request);
        RevisionDocument? document = status == 0 ? null : JsonSerializer.Deserialize<RevisionDocument>(answer, AdminJson.Written);
        return new Change
        {
            Outcome = document?.Outcome ?? Unknown,
            IsDone = document?.Outcome is "in-force" or "spreads",
            Mistakes = [.. document?.Mistakes?.Select(m => m.Text) ?? [], .. document?.Warnings ?? [], .. document?.Detail is { } detail ? [detail] : Array.Empty<string>()],
        };
    }

    /// <returns>How the drain of a backend stands; null where it does not drain, or nobody answers.</returns>
    public async Task<DrainsDocument.Drain?> DrainAsync(NodePlace node, string pool, BackendPlace backend)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At(node, "drains"));
        (int status, string text) = await SendAsync(request);
        return status == 200 ? JsonSerializer.Deserialize<DrainsDocument>(text, AdminJson.Written)!.Drains.FirstOrDefault(d => d.Pool == pool && d.Backend == backend.Id) : null;
    }

    public void Dispose() => _http.Dispose();

    private static Uri At(NodePlace node, string path) => new(node.Admin, $"/api/v1/{path}");

    // Status 0: no answer, or no whole one.
    private async Task<(int Status, string Text)> SendAsync(HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (0, e.Message);
        }
    }
}
