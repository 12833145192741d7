using System.Net;
using System.Text.Json;

namespace ActorLb.ProcessTests;

/// <summary>One client with its cookie: which server answered each of its requests.</summary>
public sealed class Browser(HttpClient client)
{
    private string? _cookie;
    private volatile string? _home;

    /// <summary>Servers in the order of the answers.</summary>
    public List<string> Servers { get; } = [];

    public string? Ticket => _cookie;

    /// <summary>Requests that got no 200, or no answer at all.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The server that answered last. Also for who looks while the client goes on.</summary>
    public string Home => _home ?? throw new InvalidOperationException("no request was answered");

    /// <summary>How often the answering server changed.</summary>
    public int Moves => Servers.Zip(Servers.Skip(1)).Count(pair => pair.First != pair.Second);

    /// <summary>The same cookie in another tab: its answers are its own.</summary>
    public Browser Twin() => new(client) { _cookie = _cookie };

    public async Task<string?> GetAsync(Uri balancer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(balancer, "/whoami"));
        if (_cookie is not null)
        {
            request.Headers.Add("Cookie", _cookie);
        }

        try
        {
            using HttpResponseMessage response = await client.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Failures.Add($"{balancer} {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                return null;
            }

            foreach (string set in response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
            {
                if (set.StartsWith("ALB=", StringComparison.Ordinal))
                {
                    _cookie = set.Split(';')[0];
                }
            }

            using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            string server = body.RootElement.GetProperty("server").GetString()!;
            Servers.Add(server);
            _home = server;
            return server;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Failures.Add($"{balancer} {e.Message}");
            return null;
        }
    }
}
