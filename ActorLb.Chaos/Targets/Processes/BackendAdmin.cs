using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ActorLb.Chaos.Targets.Processes;

/// <summary>Takes backends out and puts them back as an operator does, by the admin API.</summary>
internal sealed class BackendAdmin : IDisposable
{
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    public BackendAdmin(string token) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    /// <summary>Complete when its deadline has passed: its sessions live elsewhere.</summary>
    public async Task DrainAsync(NodePlace node, BackendPlace backend)
    {
        await SendAsync(node, backend, "drain", new { deadline = $"{DrainDeadline.TotalSeconds}s" });
        await Task.Delay(DrainDeadline);
    }

    public Task MakeReadyAsync(NodePlace node, BackendPlace backend) => SendAsync(node, backend, "ready", null);

    public void Dispose() => _http.Dispose();

    private Task SendAsync(NodePlace node, BackendPlace backend, string what, object? body) =>
        Task.WhenAll(NodeText.Pools.Select(p => SendAsync(new Uri(node.Admin, $"/api/v1/pools/{p.Name}/backends/{backend.Id}/{what}"), body)));

    private async Task SendAsync(Uri address, object? body)
    {
        using JsonContent? content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Web);
        using HttpResponseMessage response = await _http.PostAsync(address, content);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"POST {address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
