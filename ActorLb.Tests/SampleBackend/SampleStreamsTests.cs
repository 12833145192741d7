using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActorLb.Node.SampleBackend;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.SampleBackend;

/// <summary>Large bodies and event streams of the sample backend.</summary>
public sealed class SampleStreamsTests : IAsyncLifetime, IDisposable
{
    private readonly SampleServer _ada = new(new IPEndPoint(IPAddress.Loopback, 0), "ada", NullLoggerFactory.Instance, TimeProvider.System);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    public Task InitializeAsync() => _ada.StartAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _ada.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_is_answered_with_its_length_and_its_hash(bool chunked)
    {
        byte[] body = RandomNumberGenerator.GetBytes(200_000);
        JsonElement answer = await (await UploadAsync("/upload", body, chunked)).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("ada", answer.GetProperty("server").GetString());
        Assert.Equal(body.Length, answer.GetProperty("bytes").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), answer.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData(true, 999, 413)]
    [InlineData(true, 1000, 200)]
    [InlineData(true, 1001, 200)]
    [InlineData(false, 999, 413)]
    [InlineData(false, 1000, 200)]
    [InlineData(false, 1001, 200)]
    public async Task An_upload_of_too_many_bytes_is_refused(bool chunked, int most, int status) =>
        Assert.Equal(status, (int)(await UploadAsync($"/upload?max={most}", new byte[1000], chunked)).StatusCode);

    [Fact]
    public async Task An_upload_is_refused_before_all_of_it_has_come()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_ada.Endpoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /upload?max=3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n"));
        using var lines = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await lines.ReadLineAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    public async Task A_download_is_a_line_and_bytes_that_anybody_can_tell(int bytes)
    {
        byte[] body = await _client.GetByteArrayAsync(Url($"/download?bytes={bytes}"));
        int end = Array.IndexOf(body, (byte)'\n');

        Assert.Equal("ada", JsonSerializer.Deserialize<JsonElement>(body.AsSpan(0, end)).GetProperty("server").GetString());
        Assert.Equal(bytes, body.Length - end - 1);
        Assert.True(SampleBytes.AreAt(0, body.AsSpan(end + 1)));
        Assert.Equal(bytes < 2, SampleBytes.AreAt(0, [.. body.AsSpan(end + 1).ToArray().Reverse()]));
    }

    [Theory]
    [InlineData("/upload?max=many")]
    [InlineData("/upload?max=67108865")]
    [InlineData("/download?bytes=-1")]
    [InlineData("/download?bytes=67108865")]
    [InlineData("/events?every=49")]
    [InlineData("/events?every=60001")]
    public async Task A_number_that_is_none_is_refused(string path)
    {
        using var request = new HttpRequestMessage(path.StartsWith("/upload", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, Url(path));
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Events_are_counted_and_go_on_behind_the_last_one_that_came()
    {
        string[] first = await IdsAsync(3, last: null);
        Assert.Equal(Next(first[0]), first[1]);
        Assert.Equal(Next(first[1]), first[2]);

        string[] again = await IdsAsync(3, last: first[0]);
        Assert.Equal([first[1], first[2], Next(first[2])], again);
    }

    [Fact]
    public async Task An_id_of_another_process_is_none()
    {
        string id = (await IdsAsync(1, last: null))[0];
        Assert.NotEqual("other-2", (await IdsAsync(1, last: "other-1"))[0]);
        Assert.StartsWith(id[..id.LastIndexOf('-')], (await IdsAsync(1, last: "other-1"))[0], StringComparison.Ordinal);
    }

    private static string Next(string id) => $"{id[..(id.LastIndexOf('-') + 1)]}{long.Parse(id[(id.LastIndexOf('-') + 1)..]) + 1}";

    private string Url(string path) => $"http://{_ada.Endpoint}{path}";

    private Task<HttpResponseMessage> UploadAsync(string path, byte[] body, bool chunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Url(path)) { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        return _client.SendAsync(request);
    }

    private async Task<string[]> IdsAsync(int count, string? last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("/events?every=50"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var ids = new List<string>();
        while (ids.Count < count && await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                ids.Add(line[4..]);
            }
        }

        return [.. ids];
    }
}
