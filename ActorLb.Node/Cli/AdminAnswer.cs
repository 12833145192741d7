using System.Net;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Reads what a node answers: no further than a node of a cluster of thousands of backends would go, and nothing that leaves out what it has to say.</summary>
internal static class AdminAnswer
{
    /// <summary>The status of 10,000 backends with the verdicts of ten nodes on each is about 20 MiB.</summary>
    public const int BodyBytesMax = 64 * MiB;

    /// <summary>Of a refusal: it is a sentence, or the mistakes in a configuration.</summary>
    public const int RefusalBytesMax = MiB;

    /// <summary>Of a line of a stream, and so of a document in it: a picture of 10,000 backends is about 1.5 MiB.</summary>
    public const int LineBytesMax = 16 * MiB;

    private const int MiB = 1024 * 1024;

    public static AdminException NoAdminApi(Uri admin, string? why = null) =>
        new($"{admin} does not answer like an admin API of actorlb{(why is null ? "" : $": {why}")}") { AnotherMayAnswer = true };

    public static AdminException TooLong(Uri admin, int bytesMax) => NoAdminApi(admin, $"more than {bytesMax / MiB} MiB");

    /// <exception cref="AdminException">It is none, it is too long, or it leaves out what such a document has.</exception>
    public static async Task<T> ReadAsync<T>(Uri admin, HttpContent content, CancellationToken cancellation)
        where T : class
    {
        byte[] body = await BytesAsync(admin, content, BodyBytesMax, cancellation);
        return typeof(T) == typeof(string) ? (T)(object)Encoding.UTF8.GetString(body) : Whole(admin, Parse<T>(body, out string? why), why);
    }

    /// <summary>Reads a refusal that may be an answer.</summary>
    /// <param name="isAnswer">Whether the members of a problem are an answer all the same; null: they are not.</param>
    /// <exception cref="AdminException">It is a refusal.</exception>
    public static async Task<T> RefusalAsync<T>(AdminConnection node, HttpResponseMessage response, Func<T, bool>? isAnswer, CancellationToken cancellation)
        where T : class
    {
        (Uri admin, bool isProblem) = (node.Admin, response.Content.Headers.ContentType?.MediaType == AdminProblem.ContentType);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            string what = node.Http.DefaultRequestHeaders.Authorization is null ? "needs a token" : "refuses this token";
            throw new AdminException($"{admin} {what} (--token or ${AdminOptions.TokenVariable})");
        }

        // What is no problem of the API's is not read: whatever answers there, it is no node that could say why.
        byte[] body = isProblem ? await BytesAsync(admin, response.Content, isAnswer is null ? RefusalBytesMax : BodyBytesMax, cancellation) : [];
        if (isProblem && isAnswer is not null && Parse<T>(body, out _) is { } answer && isAnswer(answer))
        {
            return Whole(admin, answer, null);
        }

        AdminProblem? problem = isProblem ? Parse<AdminProblem>(body, out _) : null;
        throw new AdminException((problem?.Detail ?? problem?.Title) is { } said ? said : $"{admin} answered {(int)response.StatusCode}")
        {
            AnotherMayAnswer = problem?.Title is null || response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
            IsWrongUsage = response.StatusCode == HttpStatusCode.BadRequest && problem?.Type == AdminProblem.BadRequest("").Type,
        };
    }

    /// <exception cref="AdminException">It is more.</exception>
    private static async Task<byte[]> BytesAsync(Uri admin, HttpContent content, int bytesMax, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > bytesMax)
        {
            throw TooLong(admin, bytesMax);
        }

        using var body = new MemoryStream();
        await using Stream from = await content.ReadAsStreamAsync(cancellation);
        byte[] part = new byte[81920];
        while (await from.ReadAsync(part, cancellation) is var read and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (body.Length + read > bytesMax)
            {
                throw TooLong(admin, bytesMax);
            }

            body.Write(part, 0, read);
        }

        return body.ToArray();
    }

    private static T? Parse<T>(byte[] body, out string? why)
        where T : class
    {
        why = null;
        try
        {
            return JsonSerializer.Deserialize<T>(body, AdminJson.Written);
        }
        catch (JsonException e)
        {
            why = e.Path is { Length: > 2 } path ? $"{path[2..]} is something else" : null;
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or FormatException or ArgumentException)
        {
            // What a type refuses is none of it either.
        }

        return null;
    }

    private static T Whole<T>(Uri admin, T? document, string? why)
        where T : class => document is null ? throw NoAdminApi(admin, why)
        : WholeDocument.Missing(document) is { } missing ? throw NoAdminApi(admin, $"it leaves out {missing}")
        : document;
}
