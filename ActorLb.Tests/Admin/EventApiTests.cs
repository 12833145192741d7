using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Events;
using ActorLb.Tests.Events;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class EventApiTests
{
    private const string Path = "/api/v1/events";

    [Fact]
    public async Task Whoever_follows_is_sent_what_happens_with_its_kind()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(Down("web", "before"));
        using HttpClient client = node.Client();
        using EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path);
        await stream.BegunAsync();
        NodeEvent down = node.Events.Note(Down("web", "a"));
        (string kind, JsonElement one) = (await stream.NextAsync())!.Value;
        Assert.Equal("backend.down", kind);
        Assert.Equal(Encoding.UTF8.GetString(down.Json.Span), one.GetRawText());
    }

    [Fact]
    public async Task Since_sends_what_was_before_in_order_and_then_goes_on()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(Down("web", "a"));
        node.Events.Note(Down("web", "b"));
        using HttpClient client = node.Client();
        using EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path + "?since=10m");
        Assert.Equal("a", BackendOf(await stream.NextAsync()));
        Assert.Equal("b", BackendOf(await stream.NextAsync()));
        node.Events.Note(Down("web", "c"));
        Assert.Equal("c", BackendOf(await stream.NextAsync()));
    }

    [Fact]
    public async Task Whoever_was_cut_off_goes_on_from_the_last_id_and_sees_nothing_twice()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        string? last;
        using (EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path))
        {
            await stream.BegunAsync();
            node.Events.Note(Down("web", "a"));
            node.Events.Note(Down("web", "b"));
            Assert.Equal("a", BackendOf(await stream.NextAsync()));
            last = stream.LastId;
        }

        node.Events.Note(Down("web", "c"));
        using EventStreamReader again = await EventStreamReader.OpenAsync(client, Path + "?since=10m", last);
        Assert.Equal("b", BackendOf(await again.NextAsync()));
        Assert.Equal("c", BackendOf(await again.NextAsync()));
    }

    [Fact]
    public async Task The_id_of_an_event_is_a_last_id_as_well()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        NodeEvent first = node.Events.Note(Down("web", "a"));
        node.Events.Note(Down("web", "b"));
        using HttpClient client = node.Client();
        using EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path, first.Id.ToString());
        Assert.Equal("b", BackendOf(await stream.NextAsync()));
    }

    [Fact]
    public async Task Whoever_was_cut_off_before_the_first_event_misses_none()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(Down("web", "before"));
        using HttpClient client = node.Client();
        string? last;
        using (EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path))
        {
            await stream.BegunAsync();
            last = stream.LastId;
        }

        node.Events.Note(Down("web", "a"));
        using EventStreamReader again = await EventStreamReader.OpenAsync(client, Path, last);
        Assert.Equal("a", BackendOf(await again.NextAsync()));
    }

    [Fact]
    public async Task Pool_and_kind_leave_the_rest_out()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        node.Events.Note(Down("web", "a"));
        node.Events.Note(Down("api", "b"));
        node.Events.Note(Down("web", "c") with { Kind = EventKind.BackendUp });
        node.Events.Note(Down("web", "d") with { Kind = EventKind.CircuitOpened });
        Assert.Equal(["a", "c", "d"], await ListAsync(client, "?follow=false&pool=web"));
        Assert.Equal(["a", "c"], await ListAsync(client, "?follow=false&pool=web&kind=backend"));
        Assert.Equal(["c", "d"], await ListAsync(client, "?follow=false&kind=circuit.opened,backend.up"));
        Assert.Empty(await ListAsync(client, "?follow=false&pool=other"));
    }

    [Fact]
    public async Task A_program_that_asks_for_json_gets_a_list_and_a_browsers_stream_a_stream()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        node.Events.Note(Down("web", "a"));
        using HttpClient client = node.Client();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        Assert.Equal(["a"], await ListAsync(client, ""));
        client.DefaultRequestHeaders.Accept.Clear();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using HttpResponseMessage stream = await client.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("?since=yesterday")]
    [InlineData("?since=-5m")]
    [InlineData("?since=10")]
    [InlineData("?kind=backend.sideways")]
    [InlineData("?kind=backend.up,,")]
    [InlineData("?follow=perhaps")]
    [InlineData("?from=n1")]
    public async Task What_cannot_be_understood_is_refused(string query)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(Path + query, HttpCompletionOption.ResponseHeadersRead)).StatusCode);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("n1=ffffffffffffffff")]
    [InlineData("*=*")]
    [InlineData("null")]
    [InlineData("0000000000000001-")]
    public async Task A_last_id_that_no_node_has_sent_is_refused(string lastId)
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).StatusCode);
    }

    [Fact]
    public async Task A_last_id_as_long_as_a_head_may_be_is_refused_and_costs_nobody_anything()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", string.Join(',', Enumerable.Range(0, 1000).Select(i => $"n{i}=0000000000000001")));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).StatusCode);
        Assert.Empty(await ListAsync(client, "?follow=false"));
    }

    [Fact]
    public async Task No_more_follow_than_may_and_a_place_is_free_when_one_has_left()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        var streams = new List<EventStreamReader>();
        for (int i = 0; i < EventEndpoints.FollowersMax; i++)
        {
            streams.Add(await EventStreamReader.OpenAsync(client, Path));
            await streams[i].BegunAsync();
        }

        using HttpResponseMessage refused = await client.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Empty(await ListAsync(client, "?follow=false"));
        streams[0].Dispose();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await HasPlaceAsync(client))
        {
            await Task.Delay(20, bound.Token);
        }

        streams.ForEach(s => s.Dispose());
    }

    private static async Task<bool> HasPlaceAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    [Fact]
    public async Task Who_reads_nothing_is_cut_off_and_the_log_waits_for_nobody()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using var slow = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(node.Server.Endpoint);
        await slow.SendAsync(Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        Assert.True(await slow.ReceiveAsync(new byte[64]) > 0);
        using HttpClient client = node.Client();
        using EventStreamReader quick = await EventStreamReader.OpenAsync(client, Path);
        await quick.BegunAsync();

        // Far more than the sockets and the log hold.
        var large = new { much = new string('y', 1800) };
        for (int i = 0; i < 6000; i++)
        {
            node.Events.Note(Down("web", $"b{i}") with { Data = large });
            if (i % 500 == 0)
            {
                await quick.UntilAsync((_, e) => e.GetProperty("backend").GetString() == $"b{i}");
            }
        }

        node.Events.Note(Down("web", "last"));
        await quick.UntilAsync((_, e) => e.GetProperty("backend").GetString() == "last");
        var taken = new byte[64 * 1024];
        long received = 0;
        while (await ReceiveAsync(slow, taken) is var read and > 0)
        {
            received += read;
        }

        Assert.True(received < 6000L * 1800, $"{received} bytes were sent to it");
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using EventStreamReader stream = await EventStreamReader.OpenAsync(client, Path);
        await stream.BegunAsync();
        node.Events.Note(Down("web", "last"));
        node.Events.Close();
        Assert.Equal("last", BackendOf(await stream.NextAsync()));
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task Asking_for_the_head_alone_follows_nothing()
    {
        await using AdminFixture node = await AdminFixture.StartAsync();
        using HttpClient client = node.Client();
        using HttpResponseMessage head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task<string[]> ListAsync(HttpClient client, string query)
    {
        using HttpResponseMessage answer = await client.GetAsync(Path + query);
        answer.EnsureSuccessStatusCode();
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        using JsonDocument list = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return [.. list.RootElement.EnumerateArray().Select(e => e.GetProperty("backend").GetString()!)];
    }

    private static string? BackendOf((string Kind, JsonElement Event)? one) => one?.Event.GetProperty("backend").GetString();

    private static EventNote Down(string pool, string backend) => new(EventKind.BackendDown, $"{pool}/{backend} is down") { Pool = pool, Backend = backend };
}
