using System.Net;
using System.Net.Sockets;
using ActorLb.Node.Cli;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cli;

public sealed class AwakeNodeTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<IDisposable> _held = [];

    public void Dispose() => _held.ForEach(h => h.Dispose());

    [Fact]
    public async Task The_preferred_node_is_asked_where_it_answers() =>
        Assert.Equal(1, await ChooseAsync([Awake(), Awake(), Silent()], preferred: 1));

    [Fact]
    public async Task A_node_that_refuses_connections_is_passed_over_at_once() =>
        Assert.Equal(2, await ChooseAsync([Dead(), Dead(), Awake()], preferred: 0));

    [Fact]
    public async Task Nodes_that_take_a_connection_and_say_nothing_cost_one_wait_however_many_there_are()
    {
        Task<int> chosen = ChooseAsync([Silent(), Silent(), Silent(), Awake()], preferred: 0);
        Assert.False(chosen.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await chosen);
    }

    [Fact]
    public async Task Where_nobody_answers_the_preferred_one_is_asked_and_says_why()
    {
        Assert.Equal(1, await ChooseAsync([Dead(), Dead()], preferred: 1));
        Task<int> chosen = ChooseAsync([Silent(), Silent()], preferred: 1);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, await chosen);
    }

    [Fact]
    public async Task Whoever_does_not_wait_any_longer_is_let_go()
    {
        using var gone = new CancellationTokenSource();
        Task<int> chosen = AwakeNode.ChooseAsync([Silent(), Silent()], 0, _time, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chosen);
    }

    private Task<int> ChooseAsync(HttpClient[] nodes, int preferred) => AwakeNode.ChooseAsync(nodes, preferred, _time, CancellationToken.None);

    private HttpClient Awake() => At(Listening(answers: true));

    // Its kernel takes the connection, and nobody reads it.
    private HttpClient Silent() => At(Listening(answers: false));

    private HttpClient Dead() => At(LoopbackPorts.Free("127.0.0.1", 1)[0]);

    private int Listening(bool answers)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _held.Add(listener);
        if (answers)
        {
            _ = AnswerAsync(listener);
        }

        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        byte[] head = new byte[4096];
        if (await stream.ReadAsync(head) > 0)
        {
            await stream.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        }
    }

    private HttpClient At(int port)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
        _held.Add(client);
        return client;
    }
}
