using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorLb.Engine.Transport;
using Xunit;

namespace ActorLb.Tests.Transport;

public sealed class PeekTests
{
    [Theory]
    [InlineData("", false, "Nothing")]
    [InlineData("x", false, "Bytes")]
    [InlineData("x", true, "Bytes")]
    [InlineData("HTTP/1.1 200 OK\r\n", false, "Bytes")]
    [InlineData("HTTP/1.1 40", false, "Bytes")]
    [InlineData("HTTP/1.1 408", false, "End")]
    [InlineData("HTTP/1.0 408 Request Timeout\r\n\r\n", true, "End")]
    [InlineData("", true, "End")]
    public async Task What_came_is_told_and_stays(string sent, bool ends, string expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using Socket socket = await listener.AcceptSocketAsync();
        if (sent.Length > 0)
        {
            await peer.SendAsync(Encoding.ASCII.GetBytes(sent));
        }

        if (ends)
        {
            peer.Shutdown(SocketShutdown.Send);
        }

        if (sent.Length > 0 || ends)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty);
        }

        using var poller = new EpollPoller();
        Assert.Equal(expected, poller.Peek((int)socket.Handle).ToString());
        Assert.Equal(expected, poller.Peek((int)socket.Handle).ToString());
        Assert.Equal(sent.Length, socket.Available);
    }
}
