using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Listeners;
using ActorLb.Tests.Cluster;
using Xunit;

namespace ActorLb.Tests.Listeners;

public sealed class ListenSocketTests
{
    [Fact]
    public async Task It_tells_who_waits_to_be_accepted_and_lets_nobody_new_in_once_shut()
    {
        using var gate = new ListenSocket(new IPEndPoint(IPAddress.Loopback, 0));
        Socket listening = gate.Socket;
        gate.Listen();
        Assert.Equal(0, gate.Waiting);

        using Socket first = await ConnectAsync(listening);
        using Socket second = await ConnectAsync(listening);

        // A client has its connection before the last packet of the handshake has come here.
        await Eventually.Holds(() => gate.Waiting == 2, "both wait to be accepted");

        gate.Shut();
        using Socket third = NewSocket();
        Task late = third.ConnectAsync(listening.LocalEndPoint!);
        using Socket accepted = await listening.AcceptAsync();
        Assert.Equal(1, gate.Waiting);
        using Socket acceptedNext = await listening.AcceptAsync();
        Assert.Equal(0, gate.Waiting);
        Assert.False(late.IsCompleted);

        listening.Dispose();
        Assert.Equal(0, gate.Waiting);
        await Assert.ThrowsAsync<SocketException>(() => late);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    public async Task Whoever_was_let_in_is_heard_and_once_it_is_open_again_everybody_is(string bind, string peer)
    {
        using var gate = new ListenSocket(new IPEndPoint(IPAddress.Parse(bind), 0));
        gate.Listen();
        var there = new IPEndPoint(IPAddress.Parse(peer), gate.Local.Port);
        using Socket first = await ConnectAsync(there);
        gate.Shut();
        using Socket kept = NewSocket(there.AddressFamily);
        Task late = kept.ConnectAsync(there);

        using Socket accepted = await gate.Socket.AcceptAsync();
        gate.LetIn(accepted.Handle);
        await SaysAsync(first, accepted);
        Assert.Equal(0, Hops(accepted, there.AddressFamily));
        Assert.False(late.IsCompleted);

        // As one whose handshake ended just then inherits it.
        SetHops(accepted, there.AddressFamily, 255);
        gate.LetIn(accepted.Handle);
        await SaysAsync(first, accepted);

        gate.Reopen();
        await late;
        using Socket acceptedLate = await gate.Socket.AcceptAsync();
        await SaysAsync(kept, acceptedLate);
    }

    [Fact]
    public void One_that_is_closed_is_in_nobodys_way()
    {
        var gate = new ListenSocket(new IPEndPoint(IPAddress.Parse(LoopbackPorts.OwnAddress()), 0));
        gate.Dispose();
        gate.SharePort(shares: true);
        using var next = new ListenSocket(gate.Local);
        Assert.Equal(gate.Local, next.Local);
    }

    private static Task<Socket> ConnectAsync(Socket listening) => ConnectAsync((IPEndPoint)listening.LocalEndPoint!);

    private static async Task<Socket> ConnectAsync(IPEndPoint there)
    {
        Socket socket = NewSocket(there.AddressFamily);
        await socket.ConnectAsync(there);
        return socket;
    }

    private static Socket NewSocket(AddressFamily family = AddressFamily.InterNetwork) => new(family, SocketType.Stream, ProtocolType.Tcp);

    private static async Task SaysAsync(Socket from, Socket to)
    {
        byte[] read = new byte[1];
        await from.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await to.ReceiveAsync(read));
        Assert.Equal((byte)'x', read[0]);
    }

    // IP_MINTTL and IPV6_MINHOPCOUNT.
    private static (int Level, int Option) HopOption(AddressFamily family) => family == AddressFamily.InterNetwork ? (0, 21) : (41, 73);

    private static int Hops(Socket socket, AddressFamily family)
    {
        (int level, int option) = HopOption(family);
        byte[] value = new byte[sizeof(int)];
        socket.GetRawSocketOption(level, option, value);
        return BitConverter.ToInt32(value);
    }

    private static void SetHops(Socket socket, AddressFamily family, int hops)
    {
        (int level, int option) = HopOption(family);
        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(hops));
    }
}
