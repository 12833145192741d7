using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Cluster.Identity;
using ActorLb.Tests.Cluster.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cluster.Connections;

/// <summary>Who connects to the cluster's port, with a secret and without.</summary>
public sealed class NodeListenerTests : ILogger<RefusedPeers>, IAsyncLifetime
{
    /// <summary>AkkaProtocolMessage { 2: { 1: 1, 2: { 1: "x" } } }: shaped as Akka's handshake.</summary>
    private static readonly byte[] Handshake = [9, 0, 0, 0, 0x12, 7, 0x08, 1, 0x12, 3, 0x0A, 1, (byte)'x'];

    private readonly SeenTimers _time = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<NodeListener.Proved> _taken = new();
    private readonly RefusedPeers _refused;
    private readonly List<NodeListener> _listeners = [];

    public NodeListenerTests() => _refused = new RefusedPeers(_time, this);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (NodeListener listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        foreach (NodeListener.Proved proved in _taken)
        {
            await proved.Stream.DisposeAsync();
            proved.Socket.Dispose();
        }

        _refused.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rubbish_is_cut_off_with_one_line_for_each_reason(bool secret)
    {
        NodeListener listener = await ListenAsync(secret);
        byte[][] rubbish =
        [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(),
            [0x16, 3, 1, 0xFF, 0xFF, 1, 0, 0, 0, 9, 9, 9],
            [0xFF, 0xFF, 0xFF, 0xFF],
            [4, 0, 0, 0, 1, 2, 3, 4],
            RandomNumberGenerator.GetBytes(200_000),
            [],
        ];
        foreach (byte[] bytes in rubbish.Concat(rubbish))
        {
            using Socket client = await ConnectAsync(listener);
            await SendAsync(client, bytes);
            await EndedAsync(client);
        }

        await Eventually.Holds(() => _refused.Count == 2 * rubbish.Length && !_log.IsEmpty, () => $"{_refused.Count} refused");

        // Each is told a little after it is counted.
        string[] told = [.. _log];
        Assert.InRange(told.Length, 1, rubbish.Length);
        Assert.Equal(told.Distinct(), told);
        Assert.Empty(_taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_sends_nothing_or_half_of_something_is_cut_off_after_five_seconds(bool secret)
    {
        NodeListener listener = await ListenAsync(secret);
        using Socket silent = await ConnectAsync(listener);
        using Socket half = await ConnectAsync(listener);
        await half.SendAsync(secret ? new byte[] { 0x16, 3, 1 } : [0, 0x80, 0, 0, 1, 2, 3]);
        await AcceptedAsync(listener, 2);
        await TimedAsync(TimeSpan.FromSeconds(5), 2);
        _time.Advance(TimeSpan.FromSeconds(6));
        await EndedAsync(silent);
        await EndedAsync(half);
        await Eventually.Holds(() => _refused.Count == 2 && !_log.IsEmpty, "both are counted, and it is told");
        Assert.Contains("within 5 s", _log.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_oldest_of_those_who_only_wait_goes_for_the_seventeenth_of_its_address(bool secret)
    {
        NodeListener listener = await ListenAsync(secret);
        List<Socket> waiting = [];
        for (int i = 0; i < 16; i++)
        {
            waiting.Add(await ConnectAsync(listener));
            await AcceptedAsync(listener, i + 1);
        }

        waiting.Add(await ConnectAsync(listener));
        await EndedAsync(waiting[0]);
        Assert.Equal(16, listener.Unproved);
        waiting.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Whose_proofs_fail_all_the_time_has_the_next_ones_at_a_pace()
    {
        NodeListener listener = await ListenAsync(secret: true);
        for (int i = 0; i <= ProofPace.FailuresFree; i++)
        {
            using Socket client = await ConnectAsync(listener);
            await SendAsync(client, "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await EndedAsync(client);
        }

        await Eventually.Holds(() => _refused.Count == ProofPace.FailuresFree + 1, () => $"{_refused.Count} refused");
        using Socket first = await ConnectAsync(listener);
        await SendAsync(first, "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await EndedAsync(first);
        await Eventually.Holds(() => _refused.Count == ProofPace.FailuresFree + 2, () => $"{_refused.Count} refused");
        using Socket second = await ConnectAsync(listener);
        await SendAsync(second, "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await TimedAsync(ProofPace.Step, 1);
        await AcceptedAsync(listener, 1);
        Assert.Equal(ProofPace.FailuresFree + 2, _refused.Count);
        _time.Advance(ProofPace.Step);
        await EndedAsync(second);
    }

    [Fact]
    public async Task Without_a_secret_whoever_begins_as_Akka_does_is_taken()
    {
        NodeListener listener = await ListenAsync(secret: false);
        using Socket client = await ConnectAsync(listener);
        await client.SendAsync(Handshake[..6]);
        await client.SendAsync(Handshake[6..]);
        await Eventually.Holds(() => _taken.Count == 1, "it is taken");
        Assert.Equal(0, listener.Unproved);
        Assert.Equal(Handshake[4..], _taken.Single().First.ToByteArray());
    }

    [Fact]
    public async Task With_a_secret_its_key_opens_the_connection_and_no_other_certificate_does()
    {
        NodeListener listener = await ListenAsync(secret: true);
        using X509Certificate2 ours = SecretIdentity.Certificate(TestSecrets.A, "actorlb");
        await using (SslStream tls = await TlsAsync(listener, ours))
        {
            await tls.WriteAsync(Handshake);
            await Eventually.Holds(() => _taken.Count == 1, () => $"it is taken: {string.Join('\n', _log)}");
        }

        using X509Certificate2 theirs = SecretIdentity.Certificate(TestSecrets.B, "actorlb");
        foreach ((X509Certificate2? wrong, string why) in new[] { (theirs, "it has another cluster secret"), (null, "it shows no certificate, so it has no secret") })
        {
            _log.Clear();
            _time.Advance(TimeSpan.FromMinutes(2));
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using SslStream tls = await TlsAsync(listener, wrong);
                await tls.WriteAsync(Handshake);

                // By TLS 1.3 a client knows no sooner that it is refused.
                if (await tls.ReadAsync(new byte[1]) == 0)
                {
                    throw new IOException("ended");
                }
            });
            await Eventually.Holds(() => !_log.IsEmpty, "it is told");
            Assert.Contains(why, string.Join('\n', _log), StringComparison.Ordinal);
        }

        Assert.Single(_taken);
    }

    [Fact]
    public async Task A_listener_that_closes_cuts_off_whoever_has_not_proved_itself_and_frees_its_port()
    {
        // Not one that the system gives to whoever asks for any, as soon as it is free.
        NodeListener listener = await ListenAsync(secret: true, LoopbackPorts.Free("127.0.0.1", 1)[0]);
        using Socket client = await ConnectAsync(listener);
        await AcceptedAsync(listener, 1);
        await listener.DisposeAsync();
        await EndedAsync(client);
        Assert.Equal(0, _refused.Count);
        NodeListener again = await NodeListener.BindAsync("127.0.0.1", listener.Port, null, null, _refused, _time);
        await again.DisposeAsync();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(formatter(state, exception));

    private async Task<NodeListener> ListenAsync(bool secret, int port = 0)
    {
        NodeListener listener = await NodeListener.BindAsync(
            "127.0.0.1", port, secret ? new SecretIdentity([TestSecrets.A], "actorlb") : null, null, _refused, _time);
        _listeners.Add(listener);
        listener.Start(_taken.Enqueue);
        return listener;
    }

    private static async Task<Socket> ConnectAsync(NodeListener listener)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, listener.Port);
        return socket;
    }

    private static async Task<SslStream> TlsAsync(NodeListener listener, X509Certificate2? certificate)
    {
        var tls = new SslStream(new NetworkStream(await ConnectAsync(listener), ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "",
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        });
        return tls;
    }

    private static Task AcceptedAsync(NodeListener listener, int count) =>
        Eventually.Holds(() => listener.Unproved == count, () => $"{listener.Unproved} of {count}");

    // So many have begun to wait for so long: time that passes before does not count for them.
    private Task TimedAsync(TimeSpan wait, int count) => Eventually.Holds(() => _time.SetFor(wait) == count, () => $"{_time.SetFor(wait)} of {count} wait for {wait}");

    // A peer that is cut off in the middle of what it sends may see a reset.
    private static async Task SendAsync(Socket client, byte[] bytes)
    {
        try
        {
            await client.SendAsync(bytes);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Cut off already.
        }
    }

    private static async Task EndedAsync(Socket client)
    {
        byte[] buffer = new byte[1024];
        try
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await client.ReceiveAsync(buffer, bound.Token) > 0)
            {
                // An alert, perhaps.
            }
        }
        catch (SocketException)
        {
            // Reset: ended as well.
        }
    }

    /// <summary>A clock that knows which timers were set.</summary>
    private sealed class SeenTimers : FakeTimeProvider
    {
        private readonly ConcurrentQueue<TimeSpan> _set = new();

        public int SetFor(TimeSpan wait) => _set.Count(s => s == wait);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _set.Enqueue(dueTime);
            return timer;
        }
    }
}
