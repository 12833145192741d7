using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Health;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Health;

/// <summary>
/// GETs the health path. Each probe takes a fresh connection, as a new client would: a kept one goes on working where
/// nobody new gets in any more. No proxy, no redirects, no cookies; https backends are verified as they are for requests.
/// </summary>
internal sealed class HttpProbe : IProbe
{
    private readonly HealthSettings _settings;
    private readonly ProbeTarget _target;
    private readonly byte[] _request;
    private readonly byte[] _text;
    private readonly string _asked;

    /// <param name="scheme">What X-Forwarded-Proto says: http or https.</param>
    public HttpProbe(HealthSettings settings, ProbeTarget target, string scheme)
    {
        _settings = settings;
        _target = target;
        _request = Request(settings, target.Backend, scheme);
        _text = Encoding.UTF8.GetBytes(settings.BodyContains);
        _asked = $"GET {settings.Path}";
    }

    public async Task<ProbeResult> ProbeAsync(CancellationToken cancellation)
    {
        try
        {
            await using Stream connection = await _target.ConnectAsync(cancellation);
            try
            {
                await connection.WriteAsync(_request, cancellation);
            }
            catch (IOException)
            {
                // A backend may answer and close before it has read everything: the answer counts.
            }

            return Judge(await new ProbeExchange(connection, _text).ReadAsync(cancellation));
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return ProbeFailure.Of(e);
        }
    }

    public void Dispose()
    {
    }

    private ProbeResult Judge(ProbeAnswer answer)
    {
        if (answer.Fault is { } fault)
        {
            return new ProbeResult(Passed: false, answer.Status == 0 ? $"{_asked}: {fault}" : $"{_asked}: {answer.Status}, {fault}");
        }

        if (!_settings.Expect.Any(range => range.Contains(answer.Status)))
        {
            string where = answer.Location.Length > 0 ? $" to {answer.Location}" : "";
            return new ProbeResult(Passed: false, $"{_asked}: {answer.Status}{where}{ProbeAdvice.Expected}{string.Join(',', _settings.Expect)}");
        }

        return answer.HoldsText
            ? new ProbeResult(Passed: true, $"{answer.Status}")
            : new ProbeResult(Passed: false, $"{_asked}: {answer.Status}, {ProbeAdvice.NotInBody}");
    }

    private static byte[] Request(HealthSettings settings, Uri backend, string scheme)
    {
        List<ProbeField> fields =
        [
            new("Host", settings.HostHeader.Length > 0 ? settings.HostHeader : backend.Authority),
            new("User-Agent", "ActorLb-Probe"),
            new("X-Forwarded-Proto", scheme),
        ];
        foreach (ProbeField own in settings.Headers)
        {
            fields.RemoveAll(f => f.Name.Equals(own.Name, StringComparison.OrdinalIgnoreCase));
            if (own.Value.Length > 0)
            {
                fields.Add(own);
            }
        }

        return Encoding.Latin1.GetBytes(
            $"GET {settings.Path} HTTP/1.1\r\n{string.Concat(fields.Select(f => $"{f.Name}: {f.Value}\r\n"))}Connection: close\r\n\r\n");
    }
}
