using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary>The admin API said no, or said nothing. The message is one line for people.</summary>
public sealed class AdminException(string message) : Exception(message);

/// <summary>Talks to one node's admin API.</summary>
public sealed class AdminClient : IDisposable
{
    /// <summary>Longer than the API itself takes to give up on a decision.</summary>
    private static readonly TimeSpan AnswerTimeout = AdminEndpoints.DecisionTimeout + TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly Uri _admin;
    private readonly TimeProvider _time;

    public AdminClient(Uri admin, string? token, TimeProvider time)
    {
        _admin = admin;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            // A proxy from the environment cannot reach our loopback interface, and must not see the token.
            UseProxy = !admin.IsLoopback,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        })
        {
            BaseAddress = new Uri(admin.GetLeftPart(UriPartial.Authority)),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<StatusDocument> StatusAsync(CancellationToken cancellation) =>
        SendAsync<StatusDocument>(HttpMethod.Get, "/api/v1/status", null, cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<DecisionDocument> SetAsync(BackendName backend, string verb, string? deadline, CancellationToken cancellation) =>
        SendAsync<DecisionDocument>(
            HttpMethod.Post,
            $"/api/v1/pools/{Uri.EscapeDataString(backend.Pool)}/backends/{Uri.EscapeDataString(backend.Id)}/{verb}",
            deadline is null ? null : JsonContent.Create(new { deadline }),
            cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<KeysDocument> KeysAsync(CancellationToken cancellation) =>
        SendAsync<KeysDocument>(HttpMethod.Get, "/api/v1/keys", null, cancellation);

    /// <exception cref="AdminException">The node did not answer, or refused.</exception>
    public Task<RotationDocument> RotateKeysAsync(string[] without, CancellationToken cancellation) =>
        SendAsync<RotationDocument>(HttpMethod.Post, "/api/v1/keys/rotate", JsonContent.Create(new { without }), cancellation);

    /// <summary>Whether the node says that it is ready; false where it does not answer.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(AdminEndpoints.ReadyPath, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new AdminException(await RefusalAsync(response, either.Token));
            }

            return await response.Content.ReadFromJsonAsync<T>(AdminJson.Written, either.Token)
                ?? throw new AdminException($"{_admin} answered with nothing");
        }
        catch (HttpRequestException e)
        {
            throw new AdminException($"cannot reach {_admin}: {StartFailure.Reason(e.InnerException ?? e)}");
        }
        catch (JsonException)
        {
            throw new AdminException($"{_admin} does not answer like an admin API of actorlb");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new AdminException($"{_admin} did not answer within {AnswerTimeout.TotalSeconds} s");
        }
    }

    private async Task<string> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            string what = _http.DefaultRequestHeaders.Authorization is null ? "needs a token" : "refuses this token";
            return $"{_admin} {what} (--token or ${AdminOptions.TokenVariable})";
        }

        AdminProblem? problem = response.Content.Headers.ContentType?.MediaType == AdminProblem.ContentType
            ? await response.Content.ReadFromJsonAsync<AdminProblem>(AdminJson.Written, cancellation)
            : null;
        return problem is null ? $"{_admin} answered {(int)response.StatusCode}" : problem.Detail ?? problem.Title;
    }
}
