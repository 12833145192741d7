using System.Net;
using System.Net.Security;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>What a browser asks for before it has an answer is one session.</summary>
public abstract class FirstBurstTests(ListenerEngine engine)
{
    private static readonly LaneOptions Burst = new() { FirstBurst = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task First_requests_of_one_address_and_agent_share_a_session_over_all_connections_where_that_is_on()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Burst, a.Address, b.Address);

        (string Body, string? Ticket)[] parts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(lane, "Firefox")));
        (string Body, string? Ticket)[] others = [await AskAsync(lane, "curl"), await AskAsync(lane, "curl", "X-Forwarded-For: 10.0.0.1\r\n")];

        Assert.Single(parts.Distinct());
        Assert.NotNull(parts[0].Ticket);
        Assert.Equal(3, parts.Concat(others).Select(p => p.Ticket).Distinct().Count());
        Assert.Contains(others, o => o.Body != parts[0].Body);
        Assert.Equal(0, lane.Plane.Tables["web"].Count);
    }

    [Fact]
    public async Task First_requests_over_several_connections_are_sessions_of_their_own_where_that_is_off()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);

        (string Body, string? Ticket)[] parts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync(lane, "Firefox")));

        Assert.Equal(4, parts.Select(p => p.Ticket).Distinct().Count());
        Assert.Equal((2, 2), (a.Seen.Count, b.Seen.Count));
    }

    [Fact]
    public async Task Clients_of_a_trusted_proxy_are_told_apart_by_what_it_names_or_not_at_all()
    {
        await using SampleBackend a = await SampleBackend.NamedAsync("a");
        await using SampleBackend b = await SampleBackend.NamedAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, Burst with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] }, a.Address, b.Address);

        string?[] tickets =
        [
            (await AskAsync(lane, "Firefox", "X-Forwarded-For: 10.0.0.1\r\n")).Ticket,
            (await AskAsync(lane, "Firefox", "X-Forwarded-For: 10.0.0.1\r\n")).Ticket,
            (await AskAsync(lane, "Firefox", "X-Forwarded-For: 10.0.0.2\r\n")).Ticket,
            (await AskAsync(lane, "Firefox")).Ticket,
            (await AskAsync(lane, "Firefox")).Ticket,
        ];

        Assert.Equal(tickets[0], tickets[1]);
        Assert.Equal(4, tickets.Distinct().Count());
    }

    internal static async Task<(string Body, string? Ticket)> AskAsync(TestLane lane, string agent, string fields = "")
    {
        string answer = await RawClient.ExchangeAsync(lane.Endpoint, $"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\n{fields}Connection: close\r\n\r\n");
        string? ticket = answer.Split("\r\n").SingleOrDefault(l => l.StartsWith("Set-Cookie: ALB=", StringComparison.Ordinal));
        return (answer.Contains("\r\n\r\na", StringComparison.Ordinal) || answer.Contains("\r\na\r\n", StringComparison.Ordinal) ? "a" : "b", ticket);
    }
}

/// <summary>Requests of one connection that come at the same time: streams of HTTP/2.</summary>
public sealed class FirstStreamsTests : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Cookie")]
    [InlineData("Header")]
    public async Task Streams_that_begin_before_the_first_answer_share_one_ticket_and_later_ones_do_not(string mode)
    {
        await using SampleBackend a = await WaitingAsync("a");
        await using SampleBackend b = await WaitingAsync("b");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _files.Pfx, Affinity = Enum.Parse<AffinityMode>(mode) }, a.Address, b.Address);
        using HttpClient client = Http2();

        Task<(string, string?)>[] parallel = [.. Enumerable.Range(0, 6).Select(_ => GetAsync(client, lane))];
        await TestLane.UntilAsync(() => a.Seen.Count + b.Seen.Count == 6);
        _answers.SetResult();
        (string Body, string? Ticket)[] first = await Task.WhenAll(parallel);
        (string Body, string? Ticket)[] later = [await GetAsync(client, lane), await GetAsync(client, lane)];

        Assert.Single(first.Distinct());
        Assert.NotNull(first[0].Ticket);
        Assert.Equal(3, first.Concat(later).Select(p => p.Ticket).Distinct().Count());
        Assert.Equal(2, later.Select(l => l.Body).Distinct().Count());
    }

    [Fact]
    public async Task Where_the_applications_cookie_is_learned_they_go_to_one_server()
    {
        await using SampleBackend a = await WaitingAsync("a");
        await using SampleBackend b = await WaitingAsync("b");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _files.Pfx, Affinity = AffinityMode.Learn }, a.Address, b.Address);
        using HttpClient client = Http2();

        Task<(string, string?)>[] parallel = [.. Enumerable.Range(0, 6).Select(_ => GetAsync(client, lane))];
        await TestLane.UntilAsync(() => a.Seen.Count + b.Seen.Count == 6);
        _answers.SetResult();
        await Task.WhenAll(parallel);

        Assert.Contains((a.Seen.Count, b.Seen.Count), new[] { (6, 0), (0, 6) });
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "X-Forwarded-For")]
    [InlineData(false, "Via")]
    [InlineData(false, "X-Real-IP")]
    public async Task A_connection_that_carries_many_clients_shares_nothing(bool isTrusted, string? field)
    {
        await using SampleBackend a = await WaitingAsync("a");
        await using SampleBackend b = await WaitingAsync("b");
        await using TestLane lane = await TestLane.StartAsync(
            new LaneOptions { Tls = _files.Pfx, TrustedProxies = isTrusted ? [IPNetwork.Parse("127.0.0.0/8")] : [] }, a.Address, b.Address);
        using HttpClient client = Http2();

        Task<(string, string?)>[] parallel = [.. Enumerable.Range(0, 4).Select(_ => GetAsync(client, lane, field))];
        await TestLane.UntilAsync(() => a.Seen.Count + b.Seen.Count == 4);
        _answers.SetResult();

        Assert.Equal(4, (await Task.WhenAll(parallel)).Select(p => p.Item2).Distinct().Count());
        Assert.Equal((2, 2), (a.Seen.Count, b.Seen.Count));
    }

    [Fact]
    public async Task Streams_of_different_agents_are_different_clients()
    {
        await using SampleBackend a = await WaitingAsync("a");
        await using TestLane lane = await TestLane.StartAsync(new LaneOptions { Tls = _files.Pfx }, a.Address);
        using HttpClient client = Http2();

        Task<(string, string?)>[] parallel = [.. Enumerable.Range(0, 3).Select(i => GetAsync(client, lane, "User-Agent", $"agent/{i}"))];
        await TestLane.UntilAsync(() => a.Seen.Count == 3);
        _answers.SetResult();

        Assert.Equal(3, (await Task.WhenAll(parallel)).Select(p => p.Item2).Distinct().Count());
    }

    private Task<SampleBackend> WaitingAsync(string name) => SampleBackend.StartAsync(async context =>
    {
        await _answers.Task;
        await context.Response.WriteAsync(name);
    });

    private static async Task<(string Body, string? Ticket)> GetAsync(HttpClient client, TestLane lane, string? field = null, string value = "10.0.0.1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{lane.Endpoint}/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (field is not null)
        {
            request.Headers.TryAddWithoutValidation(field, value);
        }

        using HttpResponseMessage answer = await client.SendAsync(request);
        string? ticket = answer.Headers.TryGetValues("X-Session", out IEnumerable<string>? told) ? told.Single() : TestLane.TicketOf(answer);
        return (await answer.Content.ReadAsStringAsync(), ticket);
    }

    private static HttpClient Http2()
    {
        SocketsHttpHandler handler = TestLane.Handler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" };
        return new HttpClient(handler);
    }
}
