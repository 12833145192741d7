using System.Net.Http.Headers;
using System.Net.Http.Json;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Faults;

/// <summary>Backends that operators remove, add and weigh by the admin API while clients go on. No request may notice, and no session whose backend stays.</summary>
internal sealed class OverlayFaults : IDisposable
{
    private const int Weighings = 8;

    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly IChaosTarget _target;
    private readonly ClusterWatch _watch;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(15) };

    public OverlayFaults(IChaosTarget target, ClusterWatch watch)
    {
        _target = target;
        _watch = watch;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
    }

    /// <summary>One is removed by one node and added again by another.</summary>
    public async Task AddAndRemoveAsync(FaultPlan plan, FaultDiary diary)
    {
        BackendPlace backend = _target.Backends[plan.Backend % _target.Backends.Count];
        diary.Begin($"{backend.Name} for {plan.Seconds:F0} s", backend);
        await SendAsync(plan, 0, HttpMethod.Delete, $"pools/web/backends/{Uri.EscapeDataString(backend.Id)}?deadline={DrainDeadline.TotalSeconds}s");
        await Task.Delay(DrainDeadline + TimeSpan.FromSeconds(plan.Seconds));
        await SendAsync(plan, 1, HttpMethod.Post, "pools/web/backends", new { address = backend.Address.GetLeftPart(UriPartial.Authority), id = backend.Id });
        await _watch.WhenAsync(() => Task.FromResult(_watch.BackendsAreUp()), Patience);
        diary.Heal();
    }

    /// <summary>All of them have other weights, again and again, and those that are written at the end.</summary>
    public async Task WeighAsync(FaultPlan plan, FaultDiary diary)
    {
        diary.Begin($"of all backends, {Weighings} times");
        for (int i = 0; i < Weighings; i++)
        {
            foreach ((int place, BackendPlace backend) in _target.Backends.Index())
            {
                await SendAsync(plan, i + place, HttpMethod.Put, $"pools/web/backends/{Uri.EscapeDataString(backend.Id)}/weight", new { weight = 1 + ((i + place) * 5 % 9) });
            }

            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds / Weighings));
        }

        await SendAsync(plan, 0, HttpMethod.Delete, "overlays");
        diary.Heal();
    }

    public void Dispose() => _http.Dispose();

    // 202: some node did not say in time that it goes by it, and will.
    private async Task SendAsync(FaultPlan plan, int turn, HttpMethod method, string path, object? body = null)
    {
        NodePlace node = _target.Nodes[(plan.Order[0] + turn) % _target.Nodes.Count];
        using var request = new HttpRequestMessage(method, new Uri(node.Admin, $"/api/v1/{path}")) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await _http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
