using System.Globalization;
using System.Net;

namespace ActorLb.Bench.Comparison;

/// <summary>Sessions as browsers open them: a first request each, and the cookie that came with its answer.</summary>
internal static class ClientSessions
{
    /// <returns>The Cookie values, each with one of the application's own before.</returns>
    public static async Task<IReadOnlyList<string>> OpenAsync(string address, int count)
    {
        var cookies = new List<string>(count);
        using TextConnection connection = await TextConnection.OpenAsync(IPEndPoint.Parse(address), CancellationToken.None);
        for (int i = 0; i < count; i++)
        {
            string own = string.Create(CultureInfo.InvariantCulture, $"APP=s{i}");
            await connection.SendAsync($"GET / HTTP/1.1\r\nHost: bench\r\nCookie: {own}\r\n\r\n");
            string[] head = await connection.ReadHeadAsync() ?? throw new IOException($"{address} closed the connection");
            await connection.ReadBodyAsync(head, untilClose: false);
            cookies.Add(TextConnection.Value(head, "Set-Cookie") is { } set ? $"{own}; {set.Split(';')[0]}" : own);
        }

        return cookies;
    }
}
