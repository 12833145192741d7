using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Chaos.Browsers;
using ActorLb.Chaos.Targets;
using Xunit;

namespace ActorLb.Tests.Chaos;

/// <summary>The client by hand: what it takes for a whole answer, and what not.</summary>
public sealed class PlainConnectionTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: b\r\n\r\n", false)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", true)]
    public async Task A_whole_answer_is_read_however_it_is_cut_up(string text, bool last)
    {
        foreach (int piece in (int[])[1, 3, 1000])
        {
            (PlainAnswer answer, string body) = await ReadAsync(text, piece, resets: false);

            Assert.Equal((200, "hello", last), (answer.Status, body, answer.IsLast));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")]
    [InlineData("what?\r\n\r\n")]
    public async Task An_answer_that_is_not_whole_does_not_pass_for_one(string text) => await Assert.ThrowsAsync<IOException>(() => ReadAsync(text, 1000, resets: false));

    [Fact]
    public async Task A_reset_ends_no_answer_that_goes_to_the_end_of_its_connection() =>
        await Assert.ThrowsAsync<IOException>(() => ReadAsync("HTTP/1.1 200 OK\r\n\r\nhello", 1000, resets: true));

    [Fact]
    public async Task Nobody_there_is_told_from_a_connection_that_ended()
    {
        using var free = new Socket(SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await Assert.ThrowsAsync<NoConnectionException>(() => PlainConnection.ConnectAsync(PlaceOf(free.LocalEndPoint!), 0, CancellationToken.None));
    }

    private static async Task<(PlainAnswer Answer, string Body)> ReadAsync(string text, int piece, bool resets)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, Encoding.ASCII.GetBytes(text), piece, resets);
        using PlainConnection connection = await PlainConnection.ConnectAsync(PlaceOf(listener.LocalEndpoint), 16 * 1024, CancellationToken.None);
        await connection.SendAsync("?", CancellationToken.None);
        PlainAnswer answer = await connection.ReadHeadAsync(CancellationToken.None);
        byte[] body = await connection.ReadWholeBodyAsync(answer, CancellationToken.None);
        await serving;
        return (answer, Encoding.ASCII.GetString(body));
    }

    private static async Task ServeAsync(TcpListener listener, byte[] bytes, int piece, bool resets)
    {
        using Socket socket = await listener.AcceptSocketAsync();
        socket.NoDelay = true;
        await socket.ReceiveAsync(new byte[1]);
        for (int at = 0; at < bytes.Length; at += piece)
        {
            await socket.SendAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)));
        }

        socket.LingerState = resets ? new LingerOption(true, 0) : new LingerOption(false, 0);
    }

    private static NodePlace PlaceOf(EndPoint endpoint) => new("a", new Uri($"http://{endpoint}"), new Uri("http://127.0.0.1:1"));
}
