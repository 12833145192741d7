using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Node.SampleBackend;

/// <summary>
/// Large bodies, either way. <c>POST /upload?max=BYTES</c> says how many bytes came and their SHA-256, or refuses with 413 as soon as it knows that
/// there are too many, without waiting for the rest. <c>GET /download?bytes=N</c> is a line of JSON and N bytes that anybody can tell.
/// </summary>
internal static class SampleTransfers
{
    public const int DownloadBytesMax = 64 * 1024 * 1024;

    private const int UploadBytesMax = 64 * 1024 * 1024;
    private const int PieceBytes = 16 * 1024;

    public static async Task UploadAsync(HttpContext context, string server)
    {
        if (!TryNumber(context, "max", UploadBytesMax, UploadBytesMax, out int most))
        {
            await RefuseAsync(context, $"?max= takes 0 to {UploadBytesMax}.");
            return;
        }

        // What is refused is refused by us: the rest is then read and dropped, so that the answer is not lost with the connection.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceBytes];
        long bytes = context.Request.ContentLength > most ? most + 1L : 0;
        while (bytes <= most && await context.Request.Body.ReadAsync(piece, context.RequestAborted) is var read && read > 0)
        {
            bytes += read;
            sum.AppendData(piece, 0, read);
        }

        bool isRefused = bytes > most;
        context.Response.StatusCode = isRefused ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status200OK;
        await WriteJsonAsync(context, new
        {
            server,
            requestId = RequestIdOf(context),
            bytes = isRefused ? (long?)null : bytes,
            sha256 = isRefused ? null : Convert.ToHexStringLower(sum.GetHashAndReset()),
        });
    }

    public static async Task DownloadAsync(HttpContext context, string server)
    {
        if (!TryNumber(context, "bytes", 1024 * 1024, DownloadBytesMax, out int bytes))
        {
            await RefuseAsync(context, $"?bytes= takes 0 to {DownloadBytesMax}.");
            return;
        }

        byte[] line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { server, requestId = RequestIdOf(context), bytes }, JsonSerializerOptions.Web) + "\n");
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = line.Length + bytes;
        await context.Response.Body.WriteAsync(line, context.RequestAborted);
        var piece = new byte[PieceBytes];
        for (int at = 0; at < bytes; at += PieceBytes)
        {
            int count = Math.Min(PieceBytes, bytes - at);
            SampleBytes.Fill(at, piece.AsSpan(0, count));
            await context.Response.Body.WriteAsync(piece.AsMemory(0, count), context.RequestAborted);
        }
    }

    private static string? RequestIdOf(HttpContext context) => context.Request.Headers["X-Request-Id"] is { Count: > 0 } id ? id.ToString() : null;

    private static bool TryNumber(HttpContext context, string name, int otherwise, int most, out int number)
    {
        string? text = context.Request.Query[name];
        number = otherwise;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most);
    }

    private static Task WriteJsonAsync(HttpContext context, object value)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, JsonSerializerOptions.Web, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}
