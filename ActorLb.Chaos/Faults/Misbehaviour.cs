using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Tells a sample backend how to behave, at its own address.</summary>
internal sealed class Misbehaviour : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <param name="how">silent, slow, reset or well.</param>
    public Task SetAsync(BackendPlace backend, string how) => PostAsync(backend, $"/behave?as={how}");

    public Task SetHealthAsync(BackendPlace backend, int status) => PostAsync(backend, $"/healthz?status={status}");

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(BackendPlace backend, string path)
    {
        using HttpResponseMessage response = await _http.PostAsync(new Uri(backend.Address, path), content: null);
        response.EnsureSuccessStatusCode();
    }
}
