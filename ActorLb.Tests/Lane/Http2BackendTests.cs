using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Pools that speak HTTP/2 to their backends, with Kestrel as the backend and clients of both protocols.</summary>
public sealed class Http2BackendTests
{
    private static readonly LaneOptions Options = new()
    {
        Protocol = BackendProtocol.Http2,
        Http2 = ListenerHttp2.Cleartext,
        AskedEngine = ListenerEngine.Auto,
        Sticky = false,
    };

    /// <summary>The clients' protocol.</summary>
    public static TheoryData<int> Versions => [1, 2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_request_comes_over_http2_and_says_what_its_client_said(int version)
    {
        string protocol = "";
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(context =>
        {
            protocol = context.Request.Protocol;
            context.Response.Headers.Append("X-Two", "a");
            context.Response.Headers.Append("X-Two", "b");
            return context.Response.WriteAsync("hello");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await SendAsync(lane, version, r =>
        {
            r.RequestUri = new Uri("/a%20b?c=d&e", UriKind.Relative);
            r.Headers.TryAddWithoutValidation("X-Own", "MiXed Case");
            r.Headers.Host = "shop.example";
        });

        Assert.Equal("HTTP/2", protocol);
        Assert.Equal((HttpStatusCode.OK, "hello"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(["a", "b"], answer.Headers.GetValues("X-Two"));
        SeenRequest seen = Assert.Single(backend.Seen);
        Assert.Equal(("GET", "/a%20b?c=d&e", "MiXed Case", "shop.example"), (seen.Method, seen.Target, seen["X-Own"], seen["Host"]));
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Null(seen["Connection"]);
        Assert.NotNull(seen["X-Request-Id"]);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public async Task Bodies_pass_whole_both_ways_with_and_without_a_length(int version, bool hasLength)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(3_000_000);
        long? length = null;
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            length = context.Request.ContentLength;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            context.Response.ContentLength = hasLength ? body.Length : null;
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await SendAsync(lane, version, r =>
        {
            r.Method = HttpMethod.Post;
            r.Content = new ByteArrayContent(sent);
            r.Headers.TransferEncodingChunked = version == 1 && !hasLength ? true : null;
        },
            until: HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(hasLength ? sent.Length : null, answer.Content.Headers.ContentLength);
        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(version == 1 && !hasLength ? null : sent.Length, length);
    }

    [Fact]
    public async Task Trailers_reach_a_client_of_http2()
    {
        string? te = null;
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            te = context.Request.Headers.TE;
            context.Response.ContentType = "application/grpc";
            await context.Response.WriteAsync("message");
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await SendAsync(lane, 2, r => r.Headers.TE.ParseAdd("trailers"));

        Assert.Equal("message", await answer.Content.ReadAsStringAsync());
        Assert.Equal(["0"], answer.TrailingHeaders.GetValues("grpc-status"));
        Assert.Equal("trailers", te);
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("GET", 200)]
    [InlineData("DELETE", 500)]
    public async Task An_answer_without_a_body_ends_at_once(string method, int status)
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        foreach (int version in new[] { 1, 2, 1, 2 })
        {
            using HttpResponseMessage answer = await SendAsync(lane, version, r => r.Method = new HttpMethod(method));
            Assert.Equal((status, ""), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task A_session_stays_where_it_is_bound()
    {
        await using SampleBackend a = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("a"));
        await using SampleBackend b = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("b"));
        await using TestLane lane = await TestLane.StartAsync(Options with { Sticky = true }, a.Address, b.Address);
        using HttpResponseMessage first = await lane.SendAsync(HttpMethod.Get, "/");
        string home = await first.Content.ReadAsStringAsync();

        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(home, await lane.GetAsync("/", TestLane.TicketOf(first)));
        }
    }

    [Fact]
    public async Task Requests_at_a_time_share_connections_up_to_the_number_of_streams()
    {
        var all = new TaskCompletionSource();
        int present = 0;
        var connections = new HashSet<string>();
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            lock (connections)
            {
                connections.Add(context.Connection.Id);
            }

            if (Interlocked.Increment(ref present) == 30)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await context.Response.WriteAsync("ok");
        });
        await using TestLane lane = await TestLane.StartAsync(
            Options with { BackendHttp2 = Http2BackendSettings.Default with { StreamsMax = 10 } }, backend.Address);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => lane.GetAsync()));

        Assert.All(answers, a => Assert.Equal("ok", a));
        Assert.Equal(3, connections.Count);
    }

    [Fact]
    public async Task An_answer_that_nobody_takes_holds_up_no_other()
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            if (context.Request.Path == "/large")
            {
                byte[] piece = new byte[100_000];
                for (int i = 0; i < 500; i++)
                {
                    await context.Response.Body.WriteAsync(piece);
                }

                return;
            }

            await context.Response.WriteAsync("small");
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage large = await lane.Client.GetAsync("/large", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("small", await lane.GetAsync("/small"));
            Stream body = await large.Content.ReadAsStreamAsync();
            long total = 0;
            byte[] buffer = new byte[65_536];
            int count;
            while ((count = await body.ReadAsync(buffer)) > 0)
            {
                total += count;
            }

            Assert.Equal(50_000_000, total);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_client_that_leaves_cancels_its_call_and_no_other(int version)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            if (context.Request.Path == "/ok")
            {
                await context.Response.WriteAsync("ok");
                return;
            }

            context.RequestAborted.Register(() => cancelled.TrySetResult());
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        using var leaves = new CancellationTokenSource();
        Task<HttpResponseMessage> asking = SendAsync(lane, version, r => r.RequestUri = new Uri("/slow", UriKind.Relative), cancellation: leaves.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("ok", await lane.GetAsync("/ok"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_call_that_the_backend_breaks_off_does_not_look_whole(int version)
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            if (context.Request.Path == "/late")
            {
                await context.Response.WriteAsync("a part");
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage early = await SendAsync(lane, version, r => r.Method = HttpMethod.Post);
        Assert.Equal((HttpStatusCode.BadGateway, "backend-reset"), (early.StatusCode, TestLane.ReasonOf(early)));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(lane, version, r => r.RequestUri = new Uri("/late", UriKind.Relative)));
    }

    [Fact]
    public async Task Both_sides_stream_at_the_same_time()
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(async context =>
        {
            await context.Response.Body.FlushAsync();
            byte[] buffer = new byte[100];
            int count;
            while ((count = await context.Request.Body.ReadAsync(buffer)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                await context.Response.Body.FlushAsync();
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        var content = new Duplex();
        using HttpResponseMessage answer = await SendAsync(
            lane, 2, r => (r.Method, r.Content) = (HttpMethod.Post, content), HttpCompletionOption.ResponseHeadersRead);
        Stream input = await answer.Content.ReadAsStreamAsync();
        Stream output = await content.Opened;
        byte[] heard = new byte[100];
        for (int i = 0; i < 20; i++)
        {
            byte[] said = Encoding.ASCII.GetBytes($"message {i}");
            await output.WriteAsync(said);
            await output.FlushAsync();
            await input.ReadExactlyAsync(heard.AsMemory(0, said.Length));
            Assert.Equal(said, heard[..said.Length]);
        }

        content.End();
        Assert.Equal(0, await input.ReadAsync(heard));
    }

    [Fact]
    public async Task A_web_socket_goes_on_by_an_extended_connect()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(
            async context =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                byte[] buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                {
                    await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, true, context.RequestAborted);
                }

                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, context.Request.Protocol, context.RequestAborted);
            },
            _ => { },
            app => app.UseWebSockets(),
            HttpProtocols.Http2);
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var invoker = new HttpMessageInvoker(TestLane.Handler());
            using var socket = new ClientWebSocket();
            socket.Options.HttpVersion = version;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/"), invoker, CancellationToken.None);
            Assert.Equal("hello", await WebSocketTests.EchoAsync(socket, "hello"));
            Assert.Equal("again", await WebSocketTests.EchoAsync(socket, "again"));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            Assert.Equal("HTTP/2", socket.CloseStatusDescription);
        }
    }

    [Fact]
    public async Task A_backend_that_stops_gets_no_new_requests_and_loses_none()
    {
        await using SampleBackend a = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("a"));
        SampleBackend b = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("b"));
        await using TestLane lane = await TestLane.StartAsync(Options, a.Address, b.Address);
        Assert.Equal(["a", "b"], new[] { await lane.GetAsync(), await lane.GetAsync() }.Order());

        await b.DisposeAsync();

        // One of them finds out that its connection is gone, and may be sent again.
        Assert.Equal(["a", "a"], new[] { await lane.GetAsync(), await lane.GetAsync() });

        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent(""));
            Assert.Equal("a", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Nothing_is_left_of_what_is_over()
    {
        await using SampleBackend backend = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("a"));
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => lane.GetAsync()));

        await TestLane.UntilAsync(() => lane.Traffic(backend.Address).IsIdle);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        TestLane lane, int version, Action<HttpRequestMessage> with, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead, CancellationToken cancellation = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/")
        {
            Version = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        with(request);
        return await lane.Client.SendAsync(request, until, cancellation);
    }

    /// <summary>A body that is written while its answer is read.</summary>
    private sealed class Duplex : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void End() => _ended.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _opened.TrySetResult(stream);
            await _ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
