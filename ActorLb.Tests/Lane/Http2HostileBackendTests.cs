using System.Net;
using ActorLb.Engine.Http2;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Backends that do what no server of HTTP/2 may, or what one may and a balancer has to answer well.</summary>
public sealed class Http2HostileBackendTests
{
    private static readonly LaneOptions Options = new()
    {
        Protocol = BackendProtocol.Http2,
        Http2 = ListenerHttp2.Cleartext,
        AskedEngine = ListenerEngine.Auto,
        Sticky = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>What a backend answers a request with, each with the reason that its client gets.</summary>
    public static TheoryData<string, string> Answers { get; } = new()
    {
        { "status-missing", "backend-bad-response" },
        { "status-twice", "backend-bad-response" },
        { "status-behind", "backend-bad-response" },
        { "status-no-number", "backend-bad-response" },
        { "status-101", "backend-bad-response" },
        { "unknown-pseudo", "backend-bad-response" },
        { "request-pseudo", "backend-bad-response" },
        { "upper-case", "backend-bad-response" },
        { "empty-name", "backend-bad-response" },
        { "name-with-space", "backend-bad-response" },
        { "name-with-line", "backend-bad-response" },
        { "value-with-line", "backend-bad-response" },
        { "value-with-cr", "backend-bad-response" },
        { "value-with-nul", "backend-bad-response" },
        { "value-with-space", "backend-bad-response" },
        { "connection", "backend-bad-response" },
        { "transfer-encoding", "backend-bad-response" },
        { "upgrade", "backend-bad-response" },
        { "length-twice", "backend-bad-response" },
        { "length-negative", "backend-bad-response" },
        { "length-too-long", "backend-bad-response" },
        { "length-of-nothing", "backend-bad-response" },
        { "body-before-head", "backend-bad-response" },
        { "interim-that-ends", "backend-bad-response" },
        { "fields-too-large", "backend-bad-response" },
        { "fields-beyond-the-decoder", "backend-bad-response" },
        { "fields-in-three-frames", "backend-bad-response" },
        { "trailers-that-go-on", "backend-reset" },
        { "broken-block", "backend-reset" },
        { "block-index-zero", "backend-reset" },
        { "block-that-never-ends", "backend-reset" },
        { "frame-between", "backend-reset" },
        { "continuation-alone", "backend-reset" },
        { "push", "backend-reset" },
        { "frame-too-long", "backend-reset" },
        { "settings-odd", "backend-reset" },
        { "settings-window", "backend-reset" },
        { "window-of-nothing", "backend-reset" },
        { "window-too-large", "backend-reset" },
        { "stream-that-is-not", "backend-reset" },
        { "stream-even", "backend-reset" },
        { "padding-too-long", "backend-reset" },
        { "reset", "backend-reset" },
        { "end", "backend-reset" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_may_not_be_reaches_no_client(string what, string reason)
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                (int id, Dictionary<string, string> fields) = await server.ReadRequestAsync();
                if (fields[":path"] == "/well")
                {
                    await server.AnswerAsync(id, "well");
                }
                else
                {
                    await DoAsync(server, id, what);
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/bad");

        Assert.Equal((HttpStatusCode.BadGateway, reason), (answer.StatusCode, TestLane.ReasonOf(answer)));
        Assert.Equal("well", await lane.GetAsync("/well"));
    }

    [Theory]
    [InlineData("body-too-long")]
    [InlineData("body-too-short")]
    [InlineData("window-overrun")]
    [InlineData("bad-trailers")]
    [InlineData("trailers-beyond-the-decoder")]
    public async Task An_answer_that_goes_wrong_behind_its_head_does_not_look_whole(string what)
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                (int id, Dictionary<string, string> fields) = await server.ReadRequestAsync();
                if (fields[":path"] == "/well")
                {
                    await server.AnswerAsync(id, "well");
                    continue;
                }

                await server.WriteHeadAsync(id, false, what.Contains("trailers", StringComparison.Ordinal) || what == "window-overrun" ? [(":status", "200")] : [(":status", "200"), ("content-length", "10")]);
                switch (what)
                {
                    case "body-too-long":
                        await server.WriteDataAsync(id, "12345678901", ends: false);
                        break;
                    case "body-too-short":
                        await server.WriteDataAsync(id, "123", ends: true);
                        break;
                    case "window-overrun":
                        for (int i = 0; i < 70; i++)
                        {
                            await server.WriteDataAsync(id, new string('x', 16_000), ends: false);
                        }

                        break;
                    case "bad-trailers":
                        await server.WriteDataAsync(id, "123", ends: false);
                        await server.WriteHeadAsync(id, true, ("Bad", "x"));
                        break;
                    case "trailers-beyond-the-decoder":
                        await server.WriteDataAsync(id, "123", ends: false);
                        await server.WriteHeadAsync(id, true, [.. Enumerable.Range(0, 200).Select(i => ($"x-{i}", "y"))]);
                        break;
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        bool isWhole = false;
        try
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/bad");
            isWhole = answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // As it should be, where a part was with the client already.
        }

        Assert.False(isWhole);
        Assert.Equal("well", await lane.GetAsync("/well"));
    }

    [Fact]
    public async Task A_stream_that_is_refused_is_asked_for_again_whatever_its_method()
    {
        int refused = 0;
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                int id = (await server.ReadRequestAsync()).Id;
                if (refused++ < 1)
                {
                    await server.WriteAsync(FrameType.ResetStream, 0, id, [0, 0, 0, (byte)Http2Error.RefusedStream]);
                }
                else
                {
                    await server.AnswerAsync(id, "taken");
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/");

        Assert.Equal("taken", await answer.Content.ReadAsStringAsync());
        Assert.Equal((2, 1), (backend.Requests, backend.Connections));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(15_000)]
    public async Task What_was_sent_of_a_call_goes_with_it_when_it_is_made_again(int length)
    {
        string body = new('b', length);
        await using RawBackend backend = RawHttp2Server.Backend(async (server, connection) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            var received = new System.Text.StringBuilder();
            (FrameHeader frame, byte[] payload) = await server.ReadAsync(FrameType.Data);
            received.Append(System.Text.Encoding.Latin1.GetString(payload));
            while (!frame.EndsStream)
            {
                (frame, payload) = await server.ReadAsync(FrameType.Data);
                received.Append(System.Text.Encoding.Latin1.GetString(payload));
            }

            if (connection.Number == 1)
            {
                await server.WriteAsync(FrameType.GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
            }
            else
            {
                await server.AnswerAsync(id, $"{received.Length}");
            }

            await server.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent(body));

        Assert.Equal($"{length}", await answer.Content.ReadAsStringAsync());
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task One_that_refuses_all_is_given_up()
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                int id = (await server.ReadRequestAsync()).Id;
                await server.WriteAsync(FrameType.ResetStream, 0, id, [0, 0, 0, (byte)Http2Error.RefusedStream]);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "backend-refused"), (answer.StatusCode, TestLane.ReasonOf(answer)));
        Assert.Equal(2, backend.Requests);
    }

    [Fact]
    public async Task Calls_that_clients_give_up_ask_the_backend_nothing()
    {
        int asked = 0;
        using var begun = new SemaphoreSlim(0);
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                FrameHeader frame = (await server.ReadAsync()).Header;
                asked += frame is { Type: FrameType.Ping, IsAck: false } ? 1 : 0;
                if (frame.Type == FrameType.Headers)
                {
                    begun.Release();
                }
                else if (frame.Type == FrameType.Data && frame.EndsStream)
                {
                    await server.AnswerAsync(frame.StreamId, $"{asked}");
                }
            }
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        for (int i = 0; i < 12; i++)
        {
            using var gone = new CancellationTokenSource();
            Task<HttpResponseMessage> call = lane.Client.GetAsync(new Uri("/", UriKind.Relative), gone.Token);
            Assert.True(await begun.WaitAsync(TimeSpan.FromSeconds(30)));
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        using HttpResponseMessage last = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent("body"));
        Assert.Equal("0", await last.Content.ReadAsStringAsync());
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_backend_that_marks_no_ends_holds_no_streams_by_that()
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                int id = (await server.ReadRequestAsync()).Id;
                await server.WriteHeadAsync(id, false, (":status", "200"), ("content-length", "4"));
                await server.WriteDataAsync(id, "body", ends: false);
            }
        });
        await using TestLane lane = await TestLane.StartAsync(
            Options with { BackendHttp2 = Http2BackendSettings.Default with { StreamsMax = 20 } }, backend.Address);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("body", await lane.GetAsync());
        }

        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_another_backend_takes_it_nobody_notices_one_that_refuses_all(bool sticky)
    {
        await using RawBackend refusing = RawHttp2Server.Backend(async (server, _) =>
        {
            while (true)
            {
                int id = (await server.ReadRequestAsync()).Id;
                await server.WriteAsync(FrameType.GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
                Assert.True(id > 0);
            }
        });
        await using SampleBackend other = await SampleBackend.OfHttp2Async(c => c.Response.WriteAsync("other"));
        await using TestLane lane = await TestLane.StartAsync(Options with { Sticky = sticky }, refusing.Address, other.Address);
        for (int i = 0; i < 6; i++)
        {
            using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent("body"));
            Assert.Equal("other", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task What_a_leaving_connection_has_not_seen_goes_to_another_one()
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, connection) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            if (connection.Number > 1)
            {
                await server.AnswerAsync(id, "second");
                await server.UntilClosedAsync();
            }

            int next = (await server.ReadRequestAsync()).Id;
            Assert.Equal(id + 2, next);
            await server.WriteAsync(FrameType.GoAway, 0, 0, [0, 0, 0, (byte)id, 0, 0, 0, 0]);
            await server.AnswerAsync(id, "first");
            await server.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        HttpResponseMessage[] answers = await Task.WhenAll(lane.SendAsync(HttpMethod.Post, "/"), lane.SendAsync(HttpMethod.Post, "/"));

        Assert.Equal(["first", "second"], (await Task.WhenAll(answers.Select(a => a.Content.ReadAsStringAsync()))).Order());
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task Who_speaks_http1_is_named()
    {
        await using var backend = new RawBackend(async connection =>
        {
            await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await connection.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal((HttpStatusCode.BadGateway, "backend-connect-failed"), (answer.StatusCode, TestLane.ReasonOf(answer)));
    }

    [Fact]
    public async Task One_that_allows_no_streams_is_given_up()
    {
        await using RawBackend backend = RawHttp2Server.Backend((server, _) => server.UntilClosedAsync(), new Setting(SettingId.MaxConcurrentStreams, 0));
        await using TestLane lane = await TestLane.StartAsync(Options with { RetryAttempts = 0 }, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Get, "/");

        Assert.Equal((HttpStatusCode.BadGateway, "backend-connect-failed"), (answer.StatusCode, TestLane.ReasonOf(answer)));
    }

    [Fact]
    public async Task A_request_is_sent_as_its_window_opens()
    {
        await using RawBackend backend = RawHttp2Server.Backend(
            async (server, _) =>
            {
                int id = (await server.ReadRequestAsync()).Id;
                int total = 0;
                bool ends = false;
                while (!ends)
                {
                    (FrameHeader frame, byte[] payload) = await server.ReadAsync(FrameType.Data);
                    Assert.InRange(payload.Length, 0, 10);
                    total += payload.Length;
                    ends = frame.EndsStream;
                    byte[] update = new byte[FrameWriter.WindowUpdateBytes];
                    FrameWriter.WriteWindowUpdate(id, 10, update);
                    await server.WriteAsync(FrameType.WindowUpdate, 0, id, update[FrameHeader.Bytes..]);
                }

                await server.AnswerAsync(id, $"{total}");
            },
            new Setting(SettingId.InitialWindowSize, 10));
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);

        using HttpResponseMessage answer = await lane.SendAsync(HttpMethod.Post, "/", content: new StringContent(new string('b', 1234)));

        Assert.Equal("1234", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Interim_answers_and_padding_and_unknown_frames_are_part_of_the_protocol()
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            await server.WriteAsync((FrameType)0x77, 0xff, id, [1, 2, 3]);
            await server.WriteAsync(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
            await server.WriteHeadAsync(id, false, (":status", "103"), ("link", "</a>"));
            byte[] block = RawHttp2Server.Encode((":status", "200"), ("x-own", "y"));
            await server.WriteAsync(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, id, [2, 0, 0, 0, 0, 16, .. block[..5], 0, 0]);
            await server.WriteAsync(FrameType.Continuation, FrameFlags.EndHeaders, id, block[5..]);
            await server.WriteAsync(FrameType.Data, FrameFlags.Padded, id, [3, (byte)'o', 0, 0, 0]);
            await server.WriteAsync(FrameType.Data, FrameFlags.EndStream, id, [(byte)'k']);
            (FrameHeader ping, byte[] echoed) = await server.ReadAsync(FrameType.Ping);
            Assert.True(ping.IsAck);
            Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], echoed);
            await server.UntilClosedAsync();
        });
        await using TestLane lane = await TestLane.StartAsync(Options, backend.Address);
        string all = await RawClient.ExchangeAsync(lane.Endpoint, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 103 \r\nlink: </a>\r\n", all, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK\r\nx-own: y\r\n", all, StringComparison.Ordinal);
        Assert.Matches("\r\n(1\r\no\r\n1\r\nk|2\r\nok)\r\n0\r\n\r\n$", all);
    }

    private static async Task DoAsync(RawHttp2Server server, int id, string what)
    {
        (string, string) ok = (":status", "200");
        switch (what)
        {
            case "status-missing":
                await server.WriteHeadAsync(id, true, ("a", "b"));
                break;
            case "status-twice":
                await server.WriteHeadAsync(id, true, ok, ok);
                break;
            case "status-behind":
                await server.WriteHeadAsync(id, true, ("a", "b"), ok);
                break;
            case "status-no-number":
                await server.WriteHeadAsync(id, true, (":status", "2x0"));
                break;
            case "status-101":
                await server.WriteHeadAsync(id, false, (":status", "101"));
                break;
            case "unknown-pseudo":
                await server.WriteHeadAsync(id, true, ok, (":other", "x"));
                break;
            case "request-pseudo":
                await server.WriteHeadAsync(id, true, ok, (":path", "/"));
                break;
            case "upper-case":
                await server.WriteHeadAsync(id, true, ok, ("X-Own", "x"));
                break;
            case "empty-name":
                await server.WriteHeadAsync(id, true, ok, ("", "x"));
                break;
            case "name-with-space":
                await server.WriteHeadAsync(id, true, ok, ("a b", "x"));
                break;
            case "name-with-line":
                await server.WriteHeadAsync(id, true, ok, ("a\r\nset-cookie", "x"));
                break;
            case "value-with-line":
                await server.WriteHeadAsync(id, true, ok, ("a", "x\r\nset-cookie: y"));
                break;
            case "value-with-cr":
                await server.WriteHeadAsync(id, true, ok, ("a", "x\ry"));
                break;
            case "value-with-nul":
                await server.WriteHeadAsync(id, true, ok, ("a", "x\0y"));
                break;
            case "value-with-space":
                await server.WriteHeadAsync(id, true, ok, ("a", " x"));
                break;
            case "connection":
                await server.WriteHeadAsync(id, true, ok, ("connection", "close"));
                break;
            case "transfer-encoding":
                await server.WriteHeadAsync(id, true, ok, ("transfer-encoding", "chunked"));
                break;
            case "upgrade":
                await server.WriteHeadAsync(id, true, ok, ("upgrade", "websocket"));
                break;
            case "length-twice":
                await server.WriteHeadAsync(id, false, ok, ("content-length", "1"), ("content-length", "2"));
                break;
            case "length-negative":
                await server.WriteHeadAsync(id, false, ok, ("content-length", "-1"));
                await server.WriteDataAsync(id, "x", ends: true);
                break;
            case "length-too-long":
                await server.WriteHeadAsync(id, false, ok, ("content-length", "99999999999999999999"));
                break;
            case "length-of-nothing":
                await server.WriteHeadAsync(id, true, ok, ("content-length", "5"));
                break;
            case "body-before-head":
                await server.WriteDataAsync(id, "body", ends: true);
                break;
            case "interim-that-ends":
                await server.WriteHeadAsync(id, true, (":status", "103"));
                break;
            case "fields-too-large":
                await server.WriteHeadAsync(id, false, [ok, .. Enumerable.Range(0, 120).Select(i => ($"x-{i}", "y"))]);
                break;
            case "fields-beyond-the-decoder":
                await server.WriteHeadAsync(id, false, [ok, .. Enumerable.Range(0, 200).Select(i => ($"x-{i}", "y"))]);
                break;
            case "fields-in-three-frames":
                await server.WriteAsync(FrameType.Headers, 0, id, RawHttp2Server.Encode(ok, ("x", new string('y', 15_000))));
                await server.WriteAsync(FrameType.Continuation, 0, id, RawHttp2Server.Encode(("x", new string('y', 15_000))));
                await server.WriteAsync(FrameType.Continuation, FrameFlags.EndHeaders, id, RawHttp2Server.Encode(("x", new string('y', 9_000))));
                break;
            case "trailers-that-go-on":
                await server.WriteHeadAsync(id, false, (":status", "103"));
                await server.WriteAsync(FrameType.ResetStream, 0, id, [0, 0, 0, 1]);
                break;
            case "broken-block":
                await server.WriteAsync(FrameType.Headers, FrameFlags.EndHeaders, id, [0x00, 0x7f]);
                break;
            case "block-index-zero":
                await server.WriteAsync(FrameType.Headers, FrameFlags.EndHeaders, id, [0x80]);
                break;
            case "block-that-never-ends":
                await server.WriteAsync(FrameType.Headers, 0, id, RawHttp2Server.Encode(ok));
                for (int i = 0; i < 100; i++)
                {
                    await server.WriteAsync(FrameType.Continuation, 0, id, RawHttp2Server.Encode(("x", new string('y', 10_000))));
                }

                break;
            case "frame-between":
                await server.WriteAsync(FrameType.Headers, 0, id, RawHttp2Server.Encode(ok));
                await server.WriteDataAsync(id, "x", ends: true);
                break;
            case "continuation-alone":
                await server.WriteAsync(FrameType.Continuation, FrameFlags.EndHeaders, id, RawHttp2Server.Encode(ok));
                break;
            case "push":
                await server.WriteAsync(FrameType.PushPromise, FrameFlags.EndHeaders, id, [0, 0, 0, 2, .. RawHttp2Server.Encode((":method", "GET"))]);
                break;
            case "frame-too-long":
                await server.WriteAsync(FrameType.Data, 0, id, new byte[16_385]);
                break;
            case "settings-odd":
                await server.WriteAsync(FrameType.Settings, 0, 0, [1, 2, 3]);
                break;
            case "settings-window":
                await server.WriteAsync(FrameType.Settings, 0, 0, [0, 4, 0xff, 0xff, 0xff, 0xff]);
                break;
            case "window-of-nothing":
                await server.WriteAsync(FrameType.WindowUpdate, 0, 0, [0, 0, 0, 0]);
                break;
            case "window-too-large":
                await server.WriteAsync(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]);
                break;
            case "stream-that-is-not":
                await server.WriteDataAsync(id + 2, "x", ends: true);
                break;
            case "stream-even":
                await server.WriteHeadAsync(2, true, ok);
                break;
            case "padding-too-long":
                await server.WriteAsync(FrameType.Data, FrameFlags.Padded, id, [9, 1, 2]);
                break;
            case "reset":
                await server.WriteAsync(FrameType.ResetStream, 0, id, [0, 0, 0, 2]);
                break;
            case "end":
                throw new IOException("closes");
        }
    }
}
