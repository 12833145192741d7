using System.Globalization;
using System.Text;

namespace ActorLb.Tests.Lane;

/// <summary>Reads a connection in the plainest way, so that nothing of it is taken for granted.</summary>
internal static class RawReading
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<string> ReadTextAsync(this Stream stream, int length)
    {
        using var limit = new CancellationTokenSource(Patience);
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, limit.Token);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>A chunked body, and the lines of its trailers. Chunks with extensions are none.</summary>
    public static async Task<(string Body, string Trailers)> ReadChunksAsync(this Stream stream)
    {
        var body = new StringBuilder();
        while (true)
        {
            string size = await stream.ReadLineAsync();
            int length = int.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                break;
            }

            body.Append(await stream.ReadTextAsync(length));
            if (await stream.ReadLineAsync() is { Length: > 0 } more)
            {
                throw new InvalidDataException($"behind a chunk comes '{more}'");
            }
        }

        var trailers = new StringBuilder();
        while (await stream.ReadLineAsync() is { Length: > 0 } line)
        {
            trailers.Append(line).Append('\n');
        }

        return (body.ToString(), trailers.ToString());
    }

    private static async Task<string> ReadLineAsync(this Stream stream)
    {
        var line = new StringBuilder();
        while (line is not [.., '\r', '\n'])
        {
            line.Append(await stream.ReadTextAsync(1));
        }

        return line.ToString(0, line.Length - 2);
    }
}
