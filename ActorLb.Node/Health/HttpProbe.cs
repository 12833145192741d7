using System.Net.Http.Headers;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Health;

/// <summary>
/// GETs the health path. Each probe takes a fresh connection, as a new client would: a kept one goes on working where
/// nobody new gets in any more. No proxy, no redirects, no cookies; certificates of https backends must be valid.
/// </summary>
internal sealed class HttpProbe : IProbe
{
    /// <summary>How much of an answer is searched for the expected text.</summary>
    public const int BodyBytesMax = 64 * 1024;

    private readonly HealthSettings _settings;
    private readonly Uri _target;
    private readonly byte[] _text;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
    });

    public HttpProbe(HealthSettings settings, Uri backend)
    {
        _settings = settings;
        _target = new Uri(backend, settings.Path);
        _text = Encoding.UTF8.GetBytes(settings.BodyContains);
    }

    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpRequestMessage request = Request();
            using HttpResponseMessage response = await _client.SendAsync(request, cancellation);
            return await JudgeAsync(response, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ProbeFailure.Of(e);
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _target);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("ActorLb-Probe", null));
        request.Headers.Host = _settings.HostHeader.Length > 0 ? _settings.HostHeader : null;
        request.Headers.ConnectionClose = true;
        return request;
    }

    private async Task<ProbeResult> JudgeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        int status = (int)response.StatusCode;
        if (!_settings.Expect.Any(range => range.Contains(status)))
        {
            return new ProbeResult(Passed: false, $"{status}");
        }

        if (_text.Length == 0 || await HoldsTextAsync(response, cancellation))
        {
            return new ProbeResult(Passed: true, $"{status}");
        }

        return new ProbeResult(Passed: false, $"{status}, text not found");
    }

    private async Task<bool> HoldsTextAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[BodyBytesMax];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await body.ReadAsync(buffer.AsMemory(length), cancellation);
            int searched = Math.Max(0, length - _text.Length + 1);
            length += read;
            if (buffer.AsSpan(searched, length - searched).IndexOf(_text) >= 0)
            {
                return true;
            }

            if (read == 0)
            {
                return false;
            }
        }

        return false;
    }
}
