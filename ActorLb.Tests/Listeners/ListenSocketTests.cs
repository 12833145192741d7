using System.Net;
using System.Net.Sockets;
using ActorLb.Engine.Listeners;
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
        Assert.Equal(2, gate.Waiting);

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

    [Fact]
    public void One_that_is_closed_is_in_nobodys_way()
    {
        var gate = new ListenSocket(new IPEndPoint(IPAddress.Loopback, 0));
        gate.Dispose();
        gate.SharePort(shares: true);
        using var next = new ListenSocket(gate.Local);
        Assert.Equal(gate.Local, next.Local);
    }

    private static async Task<Socket> ConnectAsync(Socket listening)
    {
        Socket socket = NewSocket();
        await socket.ConnectAsync(listening.LocalEndPoint!);
        return socket;
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
