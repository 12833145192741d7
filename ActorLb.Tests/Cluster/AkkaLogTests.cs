using ActorLb.Node.Cluster;
using Xunit;

namespace ActorLb.Tests.Cluster;

public sealed class AkkaLogTests
{
    [Theory]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.tcp.0/akkaProtocol-tcp%3A%2F%2Factorlb%40127.0.0.1%3A42534-201", "127.0.0.1")]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.ssl.tcp.0/akkaProtocol-ssl.tcp%3A%2F%2Factorlb%40%5B2001%3Adb8%3A%3A1%5D%3A8110-3", "[2001:db8::1]")]
    [InlineData("akka://actorlb/system/transports/akkaprotocolmanager.tcp.0", null)]
    [InlineData("akka://actorlb/user/discovery", null)]
    [InlineData("[ERROR][Thread 7][akka://actorlb/system/transports/akkaprotocolmanager.tcp.0/akkaProtocol-tcp%3A%2F%2Factorlb%40127.0.0.1%3A39352-1948] Error: [x:1]", "127.0.0.1")]
    [InlineData("", null)]
    public void The_peer_of_a_connection_is_read_from_its_actors_name(string text, string? peer) => Assert.Equal(peer, AkkaLog.PeerOf(text));
}
