using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>Reads and writes the JSON bodies of the admin API.</summary>
internal static class AdminBody
{
    /// <summary>The body's object; null where there is none, or where a problem says what is wrong with it.</summary>
    /// <param name="example">A body as it should be, for the problem's reader.</param>
    public static async Task<(T? Body, AdminProblem? Problem)> ReadAsync<T>(HttpContext context, string example)
        where T : class
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length == 0)
        {
            return (null, null);
        }

        if (!context.Request.HasJsonContentType())
        {
            return (null, AdminProblem.NotJson());
        }

        try
        {
            body.Position = 0;
            T? read = await JsonSerializer.DeserializeAsync<T>(body, AdminJson.Strict, context.RequestAborted);
            if (read is not null)
            {
                AuditEntry.Of(context)?.Asked(read);
            }

            return read is null
                ? (null, AdminProblem.BadRequest("The body is null where an object belongs."))
                : (read, null);
        }
        catch (JsonException e)
        {
            string where = e.Path is null ? "" : $" at {e.Path}";
            return (null, AdminProblem.BadRequest($"The body is not {example} or {{}}: it went wrong{where}."));
        }
    }

    public static Task WriteAsync<T>(HttpContext context, int status, T document)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, document, AdminJson.Written, context.RequestAborted);
    }
}
