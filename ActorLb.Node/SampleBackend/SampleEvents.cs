using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.SampleBackend;

/// <summary>
/// An event stream (HTML, 9.2): <c>GET /events?every=MS</c>. Its events are counted since the server's start, the same for all who listen. With
/// Last-Event-ID of this server it goes on behind that event, at most a thousand back; with that of another one, or none, with the next event.
/// </summary>
internal sealed class SampleEvents(TimeProvider time)
{
    public const int BacklogMax = 1000;

    private const int EveryMillisecondsMin = 50;
    private const int EveryMillisecondsMax = 60_000;

    private readonly long _startedAt = time.GetTimestamp();

    // Of this process: after a new start the counting begins anew.
    private readonly string _made = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Runs until the client leaves, or <paramref name="stopping"/> says that the server goes away.</summary>
    public async Task RunAsync(HttpContext context, string server, CancellationToken stopping)
    {
        int milliseconds = 1000;
        if (context.Request.Query["every"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds) || milliseconds is < EveryMillisecondsMin or > EveryMillisecondsMax))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync($"?every= takes {EveryMillisecondsMin} to {EveryMillisecondsMax}.\n", context.RequestAborted);
            return;
        }

        TimeSpan every = TimeSpan.FromMilliseconds(milliseconds);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync("retry: 1000\n\n", context.RequestAborted);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            for (long number = First(context, every); ; number++)
            {
                TimeSpan due = (every * number) - time.GetElapsedTime(_startedAt);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due, time, ends.Token);
                }

                string data = JsonSerializer.Serialize(new { server, requestId = context.Request.Headers["X-Request-Id"].ToString(), number }, JsonSerializerOptions.Web);
                await context.Response.WriteAsync($"id: {_made}-{number}\ndata: {data}\n\n", ends.Token);
                await context.Response.Body.FlushAsync(ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // What was said is whole.
        }
    }

    private long First(HttpContext context, TimeSpan every)
    {
        long now = (long)(time.GetElapsedTime(_startedAt) / every);
        string last = context.Request.Headers["Last-Event-ID"].ToString();
        return last.StartsWith(_made + "-", StringComparison.Ordinal)
            && long.TryParse(last.AsSpan(_made.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= now
            ? Math.Max(number, now - BacklogMax) + 1
            : now + 1;
    }
}
